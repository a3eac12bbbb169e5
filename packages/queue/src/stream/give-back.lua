--[[
  Gives entries back that this consumer holds, for whoever fetches next. No recovery is counted: their
  holder is well, or leaves in an orderly way.

  KEYS[1] stream: the jobs
  KEYS[2] hash: notes on entries

  ARGV[1] consumer group
  ARGV[2] consumer
  ARGV[3...] entries

  Returns the entries that this consumer did not hold; nothing was changed of them
]]
local jobs, group, consumer = KEYS[1], ARGV[1], ARGV[2]
local given, lost = {}, {}
for i = 3, #ARGV do
  local id = ARGV[i]
  local holder = redis.pcall('XPENDING', jobs, group, id, id, 1)
  if not holder.err and holder[1] and holder[1][2] == consumer then
    given[#given + 1] = id
    -- Who tried it alone has not died of it.
    redis.call('HDEL', KEYS[2], id .. ' a')
  else
    lost[#lost + 1] = id
  end
end
if #given > 0 then
  given[#given + 1] = 'JUSTID'
  redis.call('XCLAIM', jobs, group, ':returned', 0, unpack(given))
end
return lost
