-- lockOf(lease, holder): the lock's value (false: no lock), and what its entry says.
-- standing(value, entry, owner, graceMs): who has the lock on this node, in one word.
-- Put in front of probe.lua and acquire.lua, so that what a standby saw and what the acquire
-- checks again, atomically, cannot drift apart. Reads only.
--
--   'free'   no lock
--   'own'    held by an entry of `owner`: an earlier try of the same incarnation
--   'gone'   held, but the holder's presence channel has no subscriber: take over
--   'grace'  as 'gone', but the node restarted lately: every count is 0 and proves nothing yet
--   'held'   held by somebody who may live. Also where nothing is known of the holder (the entry
--            is another lock's, or has no channel) or ACLs forbid to ask: then the TTL decides.
local function lockOf(lease, holder)
  local found = redis.call('HMGET', holder, 'value', 'owner', 'channel', 'runId', 'beat', 'beatAt')
  return redis.call('GET', lease), {
    value = found[1],
    owner = found[2],
    channel = found[3],
    runId = found[4],
    beat = found[5],
    beatAt = found[6],
  }
end

local function standing(value, entry, owner, graceMs)
  if not value then return 'free' end
  if entry.value ~= value then return 'held' end
  if entry.owner == owner then return 'own' end
  if not entry.channel or entry.channel == '' then return 'held' end
  local heard = redis.pcall('PUBSUB', 'NUMSUB', entry.channel)
  if heard.err or heard[2] ~= 0 then return 'held' end
  local server = redis.pcall('INFO', 'server')
  if type(server) ~= 'string' then return 'held' end
  if string.match(server, 'run_id:(%w+)') == entry.runId then return 'gone' end
  -- uptime_in_seconds is the difference of two whole seconds: up to one second too much.
  local uptimeMs = (tonumber(string.match(server, 'uptime_in_seconds:(%d+)') or '0') - 1) * 1000
  if uptimeMs >= graceMs then return 'gone' end
  return 'grace'
end
