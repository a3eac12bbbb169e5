-- Ends, on one lock node, a lease whose holder's heartbeat is silent (L9): compare and delete.
--
-- KEYS[1]  lease   string
-- KEYS[2]  holder  hash: see entry.lua
-- ARGV[1]  value   of the lock that was seen
-- ARGV[2]  beat    the heartbeat counter that was seen
-- ARGV[3]  TTL in ms: how long the evidence is kept
--
-- Returns
-- 1  the lock is gone, now or before
-- 0  the holder has beaten since, or another holds it: left alone
--
-- What is left of the entry says whose lock was deposed, so that a holder who never stalled can
-- prove the takeover false.
local value = redis.call('GET', KEYS[1])
if not value then return 1 end
if value ~= ARGV[1] then return 0 end
local entry = redis.call('HMGET', KEYS[2], 'value', 'beat')
if entry[1] ~= ARGV[1] or entry[2] ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[2], 'deposed', ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
