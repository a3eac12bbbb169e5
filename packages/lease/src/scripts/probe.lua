-- Looks at one lock node. Reads only.
--
-- KEYS[1]  lease       string
-- KEYS[2]  holder      hash: see entry.lua
-- KEYS[3]  knownEpoch  string: the highest epoch this node was told of
-- KEYS[4]  silence     string: heartbeat time-out in ms after false takeovers
-- ARGV[1]  owner       the incarnation that asks, as in the entry
-- ARGV[2]  graceMs
--
-- Returns { standing (see standing.lua), lock value or '', heartbeat counter or -1 where the entry
-- is not this lock's, PTTL of the lock, known epoch or 0, silence in ms or 0, PTTL of silence, the
-- holder's channel or '' where the entry is not this lock's or has none }.
--
-- In front: standing.lua.
local value = redis.call('GET', KEYS[1])
local entry = redis.call('HMGET', KEYS[2], 'value', 'beat', 'channel')
local silence = redis.call('GET', KEYS[4])
return {
  standing(KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])),
  value or '',
  value and entry[1] == value and tonumber(entry[2] or '-1') or -1,
  redis.call('PTTL', KEYS[1]),
  tonumber(redis.call('GET', KEYS[3]) or '0'),
  tonumber(silence or '0'),
  redis.call('PTTL', KEYS[4]),
  value and entry[1] == value and entry[3] or '',
}
