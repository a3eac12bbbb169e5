--[[
  Moves an active job that cannot be read to the failed set. BullMQ's own script would read it.

  KEYS[1] list: active
  KEYS[2] sorted set: failed
  KEYS[3] set: stalled
  KEYS[4] stream: events
  KEYS[5] hash: the job
  KEYS[6] string: its lock

  ARGV[1] job
  ARGV[2] the token it was fetched with
  ARGV[3] reason

  Returns 1 when parked, 0 when the lock is not ours any more
]]
if redis.call('GET', KEYS[6]) ~= ARGV[2] then
  return 0
end
local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
redis.call('DEL', KEYS[6])
redis.call('LREM', KEYS[1], -1, ARGV[1])
redis.call('SREM', KEYS[3], ARGV[1])
redis.call('HSET', KEYS[5], 'failedReason', ARGV[3], 'finishedOn', now)
redis.call('HINCRBY', KEYS[5], 'atm', 1)
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('XADD', KEYS[4], '*', 'event', 'failed', 'jobId', ARGV[1], 'failedReason', ARGV[3],
  'prev', 'active')
return 1
