-- The leader's heartbeat on one lock node. It also carries the leader's epoch there, from where
-- the next leader takes its floor when the store forgot (L5); that key never expires or falls.
--
-- KEYS[1]  lease       string
-- KEYS[2]  holder      hash: see entry.lua
-- KEYS[3]  knownEpoch  string
-- ARGV[1]  value       of the lock
-- ARGV[2]  epoch       of the term
--
-- Returns
--  1  the lock is ours
--  0  there is no lock, or its entry is missing: an extend re-creates both
-- -1  the lock is somebody else's
--
-- Executed late it counts only for its own lock value, and notes an epoch that was really minted.
--
-- In front: now.lua.
local marks = redis.call('MGET', KEYS[3], KEYS[1])
if tonumber(ARGV[2]) > tonumber(marks[1] or '0') then
  redis.call('SET', KEYS[3], ARGV[2])
end
local value = marks[2]
if value and value ~= ARGV[1] then return -1 end
local entry = redis.call('HMGET', KEYS[2], 'value', 'beat')
if not value or entry[1] ~= ARGV[1] then return 0 end
local beat = tonumber(entry[2] or '0') + 1
redis.call('HSET', KEYS[2], 'beat', string.format('%d', beat), 'beatAt', string.format('%d', nowMs()))
return 1
