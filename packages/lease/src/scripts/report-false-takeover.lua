-- A deposed leader that never stalled reports it: the group's heartbeat time-out doubles (L9).
--
-- KEYS[1]  holder   hash: see entry.lua
-- KEYS[2]  silence  string: heartbeat time-out in ms; falls back to the base as it expires
-- ARGV[1]  value    of the lock that was deposed
-- ARGV[2]  base     the configured heartbeat time-out in ms
-- ARGV[3]  TTL in ms: the time-out never exceeds it
-- ARGV[4]  decay    in ms: how long until the base applies again
--
-- Returns the time-out now in force in ms, or 0 where nothing proves that this lock was deposed: it was
-- not on this node, or was reported already. So a second or late call changes nothing.
if redis.call('HGET', KEYS[1], 'deposed') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'deposed')
local base, decay = tonumber(ARGV[2]), tonumber(ARGV[4])
local raised = tonumber(redis.call('GET', KEYS[2]) or ARGV[2])
local left = math.max(0, redis.call('PTTL', KEYS[2])) / decay
local current = base + math.max(0, raised - base) * math.min(1, left)
local doubled = math.ceil(math.min(tonumber(ARGV[3]), 2 * current))
redis.call('SET', KEYS[2], doubled, 'PX', decay)
return doubled
