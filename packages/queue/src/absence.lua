--[[
  Who is absent (R1): the beginning of every script that takes jobs back from the dead. It looks at
  what is, not at what happened, so it may run at anybody's, at any time, late or twice.

  An incarnation is absent when its heartbeat key has expired, or when its presence channel has no
  subscriber although it announced itself to this very run of the server. After a restart of the
  server every channel is empty: for those that have not announced themselves to it, the heartbeat
  decides, and only after a grace period, because a heartbeat may have expired while nobody could
  renew it. The same goes for a server that stood still, so that no heart could beat for long. The
  caller itself is never absent.

  KEYS[1] hash: registered incarnations, incarnation -> "<run_id> <node>"; '-' for a run_id where
          presence cannot be seen
  KEYS[2] hash: since when an incarnation is absent, incarnation -> ms
  KEYS[3] string: "<run_id> <ms>", the server's run and since when heartbeats can be relied upon
  KEYS[4] string: by when somebody's heart must have beaten again, in ms

  ARGV[1] what precedes an incarnation in the name of its presence channel
  ARGV[2] what precedes an incarnation in the name of its heartbeat key
  ARGV[3] the caller's incarnation
  ARGV[4] grace period after the server restarted or stood still, in ms
  ARGV[5] for how long an absent incarnation is looked after at every call, in ms; then in sweeps
  ARGV[6] after how long an absent incarnation is forgotten, in ms

  Leaves to what follows:
    now           ms
    settling      whether the grace period goes on
    known         incarnation -> true, for those that are registered
    absent        incarnation -> true
    absentNames   the same as a list
    urgent        whether anybody is newly absent
    forgetAbsent  to be called when what they held was taken back: nothing names them any more
]]
local caller, graceMs, urgentMs, forgetMs = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or '?'

local knownRun, knownSince = string.match(redis.call('GET', KEYS[3]) or '', '^(%S+) (%d+)$')
local due = tonumber(redis.call('GET', KEYS[4]) or now)
if knownRun ~= run or now > due then
  knownSince = now
  redis.call('SET', KEYS[3], run .. ' ' .. string.format('%.0f', now))
end
local settling = now - tonumber(knownSince) < graceMs

local registered = redis.call('HGETALL', KEYS[1])
local channels, hearts = {}, {}
for i = 1, #registered, 2 do
  channels[#channels + 1] = ARGV[1] .. registered[i]
  hearts[#hearts + 1] = ARGV[2] .. registered[i]
end
-- Where nobody may ask, no channel is known to be empty, and the heartbeats decide.
local subscribers = #channels > 0 and redis.pcall('PUBSUB', 'NUMSUB', unpack(channels)) or {}
local beats = #hearts > 0 and redis.call('MGET', unpack(hearts)) or {}

local known, absent, absentNames, forget, urgent = {}, {}, {}, {}, false
local anyWereAbsent = redis.call('EXISTS', KEYS[2]) == 1
for i = 1, #registered, 2 do
  local incarnation = registered[i]
  known[incarnation] = true
  local beating = beats[(i + 1) / 2]
  local isAbsent
  if string.match(registered[i + 1], '^(%S+) ') == run then
    isAbsent = subscribers[i + 1] == 0 or not beating and not settling
  else
    isAbsent = not beating and not settling
  end
  -- Whoever calls lives: it may look absent for the moment in which it connects again.
  if isAbsent and incarnation ~= caller then
    local since = redis.call('HGET', KEYS[2], incarnation)
    if not since then
      since = now
      redis.call('HSET', KEYS[2], incarnation, string.format('%.0f', now))
    end
    local age = now - tonumber(since)
    if age < urgentMs then urgent = true end
    if age >= forgetMs then forget[#forget + 1] = incarnation end
    absent[incarnation] = true
    absentNames[#absentNames + 1] = incarnation
  elseif anyWereAbsent then
    redis.call('HDEL', KEYS[2], incarnation)
  end
end

local function forgetAbsent()
  if #forget > 0 then
    redis.call('HDEL', KEYS[1], unpack(forget))
    redis.call('HDEL', KEYS[2], unpack(forget))
  end
end
