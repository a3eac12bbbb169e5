--[[
  Bounds the memory of idempotency keys (C2). They live in two generations. The previous one is
  dropped once every job that may still be delivered was enqueued at least a window after it was
  closed: no such job can have committed a key in it. Then the current one, when old or big enough,
  becomes the previous one. What was dropped is out of sight at once and is deleted some buckets at a
  time, so that nobody waits long: whoever calls again goes on, whatever became of the one before.
  kept-keys.lua stands in front of it.

  KEYS[1] hash: what is kept

  ARGV[1] enqueue time of the oldest job that may still be delivered, in ms since 1970; '' for none
  ARGV[2] window in ms
  ARGV[3] how many keys may be kept
  ARGV[4] how many buckets may be deleted at once

  Returns {keys dropped, 1 if a generation was closed else 0, buckets left to delete}
]]
local name, now = KEYS[1], clockMs()
local window, capacity, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local oldest = ARGV[1] == '' and now or tonumber(ARGV[1])
local kept = readKept(name)
local current, previous = kept.current, kept.previous

local dropped = 0
local closed = tonumber(redis.call('HGET', name, 'previous-closed') or now)
local busy = redis.call('HEXISTS', name, 'dropping') == 1
if previous.keys > 0 and not busy and closed + window <= oldest then
  redis.call('HSET', name, 'dropping', previous.prefix, 'dropping-buckets', previous.buckets)
  redis.call('HDEL', name, 'previous-buckets', 'previous-keys', 'previous-opened', 'previous-closed')
  dropped, previous.keys = previous.keys, 0
end

local rotated = 0
local due = now - current.opened >= window or current.keys * 2 >= capacity
if previous.keys == 0 and current.keys > 0 and due then
  redis.call('HSET', name, 'previous-buckets', current.buckets, 'previous-keys', current.keys,
    'previous-opened', current.opened, 'previous-closed', now,
    'number', string.format('%.0f', kept.number + 1))
  redis.call('HDEL', name, 'buckets', 'keys', 'opened')
  rotated = 1
end

local dropping = redis.call('HMGET', name, 'dropping', 'dropping-buckets')
local buckets = tonumber(dropping[2] or '0')
local left = math.max(0, buckets - most)
for bucket = buckets - 1, left, -1 do
  redis.call('UNLINK', dropping[1] .. bucket)
end
if left > 0 then
  redis.call('HSET', name, 'dropping-buckets', left)
elseif dropping[1] then
  redis.call('HDEL', name, 'dropping', 'dropping-buckets')
end
return {dropped, rotated, left}
