--[[
  Takes everything over that is in flight, whoever holds it, for a term that has just begun (R2), and
  later again, should anything turn up. It stands behind absence.lua. Only the current term is served, and
  fetching asks for the same: so when nothing is left to take, nobody else holds anything, and the new
  leader reads what it took, in the order of the stream, before anything new.

  Where the holder is dead the recovery is counted; a leader that was deposed and lives is not blamed.

  KEYS[1..4], ARGV[1..6] absence.lua
  KEYS[5] stream: the jobs
  KEYS[6] hash: notes on entries
  KEYS[7] hash: epoch, term (the ledger's)

  ARGV[7] consumer group
  ARGV[8] consumer of the caller
  ARGV[9] how often a job may be taken back from the dead before it is tried alone
  ARGV[10] epoch
  ARGV[11] term
  ARGV[12] how many entries at most

  Returns {'fenced', current epoch}
          {'claimed', {entry, incarnation, ...}, {absent incarnation, ...}, 1 or 0, count}
            whether there is more to take, and how many entries the caller holds
]]
local jobs, group, limit, left = KEYS[5], ARGV[7], tonumber(ARGV[9]), tonumber(ARGV[12])
local current = redis.call('HMGET', KEYS[7], 'epoch', 'term')
if current[1] ~= ARGV[10] or current[2] ~= ARGV[11] then
  return {'fenced', tonumber(current[1] or '0')}
end

local taken, held, more = {}, 0, 0
for _, consumer in ipairs(consumersOf(jobs, group)) do
  local name, pending = consumer.name, consumer.pending
  local owner = ownerOf(name)
  if name == ARGV[8] then
    held = held + pending
  elseif pending > 0 then
    if pending > left then more = 1 end
    if left > 0 then
      local ids = move(jobs, group, name, ARGV[8], left, function(id)
        if absent[owner] then blame(id, name, KEYS[6], limit) end
        taken[#taken + 1] = id
        taken[#taken + 1] = owner
      end)
      left = left - #ids
      held = held + #ids
    end
  else
    redis.call('XGROUP', 'DELCONSUMER', jobs, group, name)
  end
end
if more == 0 then forgetAbsent() end
return {'claimed', taken, absentNames, more, held}
