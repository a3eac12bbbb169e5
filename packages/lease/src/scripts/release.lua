-- Gives the lease back on one lock node, by value.
--
-- KEYS[1]  lease    string
-- KEYS[2]  holder   hash: see entry.lua
-- KEYS[3]  channel  the term's presence channel (redlock passes the same keys to all scripts)
-- ARGV[1]  value    of the lock
--
-- Returns
-- 3 (the number of KEYS: redlock's vote "for")  nothing of this value is left here
-- 0                                             the lock has another value: left alone
local value = redis.call('GET', KEYS[1])
if value and value ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
if redis.call('HGET', KEYS[2], 'value') == ARGV[1] then redis.call('DEL', KEYS[2]) end
return #KEYS
