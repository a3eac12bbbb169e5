--[[
  Bounds the memory of idempotency keys (C2). They live in two generations, so that dropping one
  costs nothing and needs no expiry a key. The previous one is dropped once every job that may
  still be delivered was enqueued at least a window after it was closed: no such job can have
  committed a key in it. Then the current one, when old or big enough, becomes the previous one.

  KEYS[1] hash: idempotency keys of the current generation
  KEYS[2] hash: idempotency keys of the previous generation
  KEYS[3] hash: opened, closed (ms of this server's clock, of the current and previous generation)

  ARGV[1] enqueue time of the oldest job that may still be delivered, in ms since 1970; '' for none
  ARGV[2] window in ms
  ARGV[3] how many keys may be kept

  Returns {keys dropped, 1 if a generation was closed else 0, keys kept}
]]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local window, capacity = tonumber(ARGV[2]), tonumber(ARGV[3])
local oldest = ARGV[1] == '' and now or tonumber(ARGV[1])

local dropped = 0
local previous = redis.call('HLEN', KEYS[2])
if previous > 0 then
  local closed = tonumber(redis.call('HGET', KEYS[3], 'closed') or now)
  if closed + window <= oldest then
    redis.call('UNLINK', KEYS[2])
    dropped, previous = previous, 0
  end
end

redis.call('HSETNX', KEYS[3], 'opened', now)
local opened = tonumber(redis.call('HGET', KEYS[3], 'opened'))
local current = redis.call('HLEN', KEYS[1])
local due = now - opened >= window or current * 2 >= capacity
if previous > 0 or current == 0 or not due then
  return {dropped, 0, current + previous}
end
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[3], 'opened', now, 'closed', now)
return {dropped, 1, current}
