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
-- is not this lock's, ms since that heartbeat by this server's clock, PTTL of the lock, known epoch or
-- 0, silence in ms or 0, PTTL of silence, the holder's channel or '' where the entry is not this lock's
-- or has none }.
--
-- In front: standing.lua, now.lua.
local value, entry = lockOf(KEYS[1], KEYS[2])
local known = entry.value == value and entry or {}
local marks = redis.call('MGET', KEYS[3], KEYS[4])
return {
  standing(value, entry, ARGV[1], tonumber(ARGV[2])),
  value or '',
  tonumber(known.beat or '-1'),
  known.beatAt and nowMs() - tonumber(known.beatAt) or 0,
  value and redis.call('PTTL', KEYS[1]) or -2,
  tonumber(marks[1] or '0'),
  tonumber(marks[2] or '0'),
  marks[2] and redis.call('PTTL', KEYS[4]) or -2,
  known.channel or '',
}
