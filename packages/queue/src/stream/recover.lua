--[[
  Takes entries back from incarnations that are absent (R1), where nobody leads. It stands behind
  absence.lua, which says who they are. What it takes back is given to whoever fetches next, in the
  order of the stream.

  A consumer whose incarnation was never announced, or is forgotten, is looked at as well, when it has
  asked for nothing in a long time: the last net.

  KEYS[1..4], ARGV[1..6] absence.lua
  KEYS[5] stream: the jobs
  KEYS[6] hash: notes on entries

  ARGV[7] consumer group
  ARGV[8] consumer of the caller
  ARGV[9] how often a job may be taken back from the dead before it is tried alone
  ARGV[10] 1 for a sweep: looks at every consumer, though nobody may be newly absent
  ARGV[11] after how long a consumer that nobody knows counts as dead, in ms
  ARGV[12] prefix of the marks of consumers that entries were taken from
  ARGV[13] how many entries at most

  Returns {
    {entry, incarnation, ...}  taken back
    {incarnation, ...}         absent
    1 or 0                     whether something was given back that nobody has fetched again
    count                      in a sweep: how many entries the caller holds; else -1
  }
]]
local jobs, group, limit = KEYS[5], ARGV[7], tonumber(ARGV[9])
local sweep, left = ARGV[10] == '1', tonumber(ARGV[13])
local taken, held = {}, -1

if urgent or sweep then
  if sweep then held = 0 end
  for _, consumer in ipairs(consumersOf(jobs, group)) do
    local name = consumer.name
    local owner = ownerOf(name)
    local unknown = owner ~= '' and not known[owner] and not settling
      and consumer.idle >= tonumber(ARGV[11])
    if name == ARGV[8] then
      if sweep then held = consumer.pending end
    elseif owner ~= caller and (absent[owner] or unknown) then
      if consumer.pending > 0 and left > 0 then
        local ids = move(jobs, group, name, ':returned', left, function(id)
          if absent[owner] then blame(id, name, KEYS[6], limit) end
          taken[#taken + 1] = id
          taken[#taken + 1] = owner
        end)
        left = left - #ids
        redis.call('SET', ARGV[12] .. name, '1', 'EX', 86400)
      elseif consumer.pending == 0 then
        redis.call('XGROUP', 'DELCONSUMER', jobs, group, name)
      end
    end
  end
  forgetAbsent()
end

local returned = redis.pcall('XPENDING', jobs, group, '-', '+', 1, ':returned')
return {taken, absentNames, not returned.err and returned[1] and 1 or 0, held}
