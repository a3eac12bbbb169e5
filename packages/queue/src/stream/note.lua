--[[
  Notes something on an entry that this consumer holds: that it is about to be tried alone (R3), so
  that a death from here on is its own; or how often its handler has failed, so that whoever takes it
  over knows. Twice is as good as once.

  KEYS[1] stream: the jobs
  KEYS[2] hash: notes on entries

  ARGV[1] consumer group
  ARGV[2] consumer
  ARGV[3] entry
  ARGV[4] 'a' or 'f'
  ARGV[5] the consumer; how often the handler has failed

  Returns 1 when noted, 0 when the entry is not this consumer's any more
]]
local holder = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1)
if holder.err or not holder[1] or holder[1][2] ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[2], ARGV[3] .. ' ' .. ARGV[4], ARGV[5])
return 1
