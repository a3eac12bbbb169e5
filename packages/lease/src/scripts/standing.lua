-- standing(lease, holder, owner, graceMs): who has the lock on this node, in one word.
-- Put in front of probe.lua and acquire.lua, so that what a standby saw and what the acquire
-- checks again, atomically, cannot drift apart. Reads only.
--
--   'free'   no lock
--   'own'    held by an entry of `owner`: an earlier try of the same incarnation
--   'gone'   held, but the holder's presence channel has no subscriber: take over
--   'grace'  as 'gone', but the node restarted lately: every count is 0 and proves nothing yet
--   'held'   held by somebody who may live. Also where nothing is known of the holder (the entry
--            is another lock's, or has no channel) or ACLs forbid to ask: then the TTL decides.
local function standing(lease, holder, owner, graceMs)
  local value = redis.call('GET', lease)
  if not value then return 'free' end
  local entry = redis.call('HMGET', holder, 'value', 'owner', 'channel', 'runId')
  if entry[1] ~= value then return 'held' end
  if entry[2] == owner then return 'own' end
  if not entry[3] or entry[3] == '' then return 'held' end
  local heard = redis.pcall('PUBSUB', 'NUMSUB', entry[3])
  if heard.err or heard[2] ~= 0 then return 'held' end
  local server = redis.pcall('INFO', 'server')
  if type(server) ~= 'string' then return 'held' end
  if string.match(server, 'run_id:(%w+)') == entry[4] then return 'gone' end
  -- uptime_in_seconds is the difference of two whole seconds: up to one second too much.
  local uptimeMs = (tonumber(string.match(server, 'uptime_in_seconds:(%d+)') or '0') - 1) * 1000
  if uptimeMs >= graceMs then return 'gone' end
  return 'grace'
end
