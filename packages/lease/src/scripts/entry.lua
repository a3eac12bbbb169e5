-- writeEntry(holder, channel, value, ttlMs): notes who holds the lock, beside the lock.
-- Put in front of acquire.lua and extend.lua, after now.lua.
--
-- The entry is a hash:
--   value    the lock's value: an entry counts only while it is this lock's
--   owner    the channel without its last part: names the incarnation
--   channel  the term's presence channel, or '' while it has no subscriber here. A channel that
--            nobody hears (ACLs, proxies, a late command) would read as "holder gone".
--   runId    the run_id of this server: after a restart the counts prove nothing
--   beat     the leader's heartbeat counter
--   beatAt   when it beat last, or took the lock: by this server's clock, so that who looks seldom
--            knows as well as who looks often for how long it has been silent
--   deposed  the value of a lock that was deposed for silence: outlives it, as evidence
local function writeEntry(holder, channel, value, ttlMs)
  local heard = redis.pcall('PUBSUB', 'NUMSUB', channel)
  local server = redis.pcall('INFO', 'server')
  local runId = type(server) == 'string' and string.match(server, 'run_id:(%w+)') or ''
  if redis.call('HGET', holder, 'value') ~= value then
    local deposed = redis.call('HGET', holder, 'deposed')
    redis.call('DEL', holder)
    redis.call('HSET', holder, 'beat', 0, 'beatAt', string.format('%d', nowMs()))
    if deposed then redis.call('HSET', holder, 'deposed', deposed) end
  end
  redis.call('HSET', holder,
    'value', value,
    'owner', string.match(channel, '^(.*):[^:]*$') or channel,
    'channel', (not heard.err and heard[2] > 0) and channel or '',
    'runId', runId)
  redis.call('PEXPIRE', holder, ttlMs)
end
