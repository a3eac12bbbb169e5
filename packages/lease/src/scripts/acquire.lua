-- Takes the lease on one lock node if it is free, one's own, or its holder gone (L7).
--
-- KEYS[1]  lease    string: the value of the lock, expires with the TTL
-- KEYS[2]  holder   hash: see entry.lua
-- KEYS[3]  channel  the presence channel of the term that tries; never a stored key. It is a KEY
--                   because redlock passes nothing else through, and so that it is never text.
-- ARGV[1]  value    of the lock, chosen by redlock
-- ARGV[2]  TTL in ms
--
-- Returns
-- 3 (the number of KEYS: redlock's vote "for")  taken, or held with this very value already
-- 0                                             somebody else holds it
--
-- Executed late, it may take a lease that its caller no longer wants. Then the caller's channel
-- has no subscriber, nothing extends the entry, and it ends with the TTL.
--
-- In front: standing.lua, entry.lua and the number `graceMs`.
local value, entry = lockOf(KEYS[1], KEYS[2])
if value ~= ARGV[1] then
  local owner = string.match(KEYS[3], '^(.*):[^:]*$') or KEYS[3]
  local found = standing(value, entry, owner, graceMs)
  if found == 'held' or found == 'grace' then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
writeEntry(KEYS[2], KEYS[3], ARGV[1], ARGV[2])
return #KEYS
