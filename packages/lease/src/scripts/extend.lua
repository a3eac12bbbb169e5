-- Renews lock and entry on one lock node, and re-creates both where they are absent: a node that
-- restarted or was deposed by mistake must not stay lost to a healthy leader (L8).
--
-- KEYS[1]  lease    string
-- KEYS[2]  holder   hash: see entry.lua
-- KEYS[3]  channel  the term's presence channel
-- ARGV[1]  value    of the lock
-- ARGV[2]  TTL in ms
--
-- Returns
-- 3 (the number of KEYS: redlock's vote "for")  renewed
-- 0                                             the lock has another value
--
-- Executed after the lease ended, it may re-create an entry nobody wants: without a subscriber it
-- ends with the TTL, and the ledger refuses its term. Executed after another took over: 0.
--
-- In front: entry.lua.
local value = redis.call('GET', KEYS[1])
if value and value ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
writeEntry(KEYS[2], KEYS[3], ARGV[1], ARGV[2])
return #KEYS
