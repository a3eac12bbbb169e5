--[[
  Registers an incarnation and renews its heartbeat (R1).

  KEYS[1] hash: registered incarnations, incarnation -> "<run_id> <node>"
  KEYS[2] string: the incarnation's heartbeat
  KEYS[3] the incarnation's presence channel (a pub/sub channel; nothing is published on it)
  KEYS[4] string: by when somebody's heart must have beaten again, in ms
  KEYS[5] string: "<run_id> <ms>", the server's run and since when heartbeats can be relied upon

  ARGV[1] incarnation
  ARGV[2] node
  ARGV[3] after how long without renewal it counts as absent, in ms

  Returns 1 when the presence channel is seen to have a subscriber: from then on none means absent.
          0 when it is not (no rights, a proxy in between): only the heartbeat counts.
]]
local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or '?'
local counted = redis.pcall('PUBSUB', 'NUMSUB', KEYS[3])
local present = not counted.err and counted[2] > 0
-- A server that is full refuses SET, and renews: whoever lives must not seem absent for that.
if redis.call('PEXPIRE', KEYS[2], ARGV[3]) == 0 then
  redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
end
-- No heart beat for long: the server stood still, and heartbeats expired that nobody could renew.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local due = tonumber(redis.call('GET', KEYS[4]) or now)
if now > due then
  redis.call('SET', KEYS[5], run .. ' ' .. string.format('%.0f', now))
end
redis.call('SET', KEYS[4], string.format('%.0f', now + math.floor(tonumber(ARGV[3]) / 2)))
if not present then
  -- An entry that is there stays: a connection that broke is what others are to notice.
  redis.call('HSETNX', KEYS[1], ARGV[1], '- ' .. ARGV[2])
  return 0
end
local entry = run .. ' ' .. ARGV[2]
if redis.call('HGET', KEYS[1], ARGV[1]) ~= entry then
  redis.call('HSET', KEYS[1], ARGV[1], entry)
end
return 1
