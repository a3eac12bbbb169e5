--[[
  Takes back the jobs of incarnations that are absent (R1). Level-triggered: it looks at what is,
  not at what happened, so it may be called by anybody, at any time, late or twice.

  An incarnation is absent when its heartbeat key has expired, or when its presence channel has no
  subscriber although it announced itself to this very run of the server. After a restart of the
  server every channel is empty: for those that have not announced themselves to it, the heartbeat
  decides, and only after a grace period, because a heartbeat may have expired while nobody could
  renew it. The same goes for a server that stood still, so that no heart could beat for long. The
  caller itself is never absent.

  A job is taken back when its lock names an absent incarnation, or when it has no lock: the
  fetching script sets both at once, so the lock has expired or was deleted. Jobs whose lock names
  anybody else are left alone: also those of a BullMQ worker that knows nothing of incarnations.

  KEYS[1] hash: registered incarnations, incarnation -> "<run_id> <node>"; '-' for a run_id where
          presence cannot be seen
  KEYS[2] hash: since when an incarnation is absent, incarnation -> ms
  KEYS[3] string: "<run_id> <ms>", the server's run and since when heartbeats can be relied upon
  KEYS[4] list: active
  KEYS[5] list: wait
  KEYS[6] sorted set: prioritized
  KEYS[7] hash: meta
  KEYS[8] sorted set: marker
  KEYS[9] stream: events
  KEYS[10] set: stalled
  KEYS[11] sorted set: failed
  KEYS[12] string: by when somebody's heart must have beaten again, in ms

  ARGV[1] what precedes a job's id in the name of its hash
  ARGV[2] what precedes an incarnation in the name of its presence channel
  ARGV[3] what precedes an incarnation in the name of its heartbeat key
  ARGV[4] the caller's incarnation
  ARGV[5] how often a job may be taken back from the dead before it is tried alone
  ARGV[6] grace period after the server restarted or stood still, in ms
  ARGV[7] for how long an absent incarnation is looked after at every call, in ms; then in sweeps
  ARGV[8] after how long an absent incarnation is forgotten, in ms
  ARGV[9] 1 for a sweep: looks at every active job, though nobody may be newly absent
  ARGV[10] 0 to take nothing back while the queue is paused: it is still there when it goes on

  Returns {
    {job, incarnation, ...}  taken back; '' where it is not known whose it was. Among them those that
                             are given up: with BullMQ's deferred failure, the next fetch fails them
    {job, ...}               moved to the failed set, because no fetch could ever get them
    {incarnation, ...}       absent
    {job, token, ...}        in a sweep: active jobs that the caller's incarnation holds
  }
]]
local activeKey, metaKey = KEYS[4], KEYS[7]
local jobPrefix, caller, limit = ARGV[1], ARGV[4], tonumber(ARGV[5])
local graceMs, urgentMs, forgetMs = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local sweep = ARGV[9] == '1'
local RECOVERIES, ALONE = 'understudy:recoveries', 'understudy:alone'

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or '?'

local knownRun, knownSince = string.match(redis.call('GET', KEYS[3]) or '', '^(%S+) (%d+)$')
local due = tonumber(redis.call('GET', KEYS[12]) or now)
if knownRun ~= run or now > due then
  knownSince = now
  redis.call('SET', KEYS[3], run .. ' ' .. string.format('%.0f', now))
end
local settling = now - tonumber(knownSince) < graceMs

local registered = redis.call('HGETALL', KEYS[1])
local channels = {}
for i = 1, #registered, 2 do
  channels[#channels + 1] = ARGV[2] .. registered[i]
end
local subscribers = #channels > 0 and redis.call('PUBSUB', 'NUMSUB', unpack(channels)) or {}

local absent, absentNames, forget, urgent = {}, {}, {}, false
local anyWereAbsent = redis.call('EXISTS', KEYS[2]) == 1
for i = 1, #registered, 2 do
  local incarnation = registered[i]
  local beating = redis.call('EXISTS', ARGV[3] .. incarnation) == 1
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

local taken, parked, own = {}, {}, {}
local leaveIt = ARGV[10] == '0' and redis.call('HEXISTS', metaKey, 'paused') == 1
if leaveIt or not urgent and not sweep then
  return {taken, parked, absentNames, own}
end

local function pausedOrMaxed()
  local attributes = redis.call('HMGET', metaKey, 'paused', 'concurrency')
  if attributes[1] then return true end
  return attributes[2] and redis.call('LLEN', activeKey) >= tonumber(attributes[2])
end

-- Counts the recovery of a job whose owner is dead; true when the job is to be given up: it was
-- known to be a suspect, ran alone, and its process died all the same.
local function deadly(job, owner, lock)
  local recoveries = redis.call('HINCRBY', job, RECOVERIES, 1)
  local alone = redis.call('HGET', job, ALONE)
  if not alone or recoveries <= limit then return false end
  if lock then return alone == lock end
  return string.match(alone, '^(.*):') == owner
end

local function takeBack(id, owner, lock)
  local job = jobPrefix .. id
  redis.call('LREM', activeKey, -1, id)
  redis.call('DEL', job .. ':lock')
  redis.call('SREM', KEYS[10], id)
  local kind = redis.call('TYPE', job).ok
  if kind == 'none' then return end
  if kind ~= 'hash' then
    -- Somebody wrote over the job. It can never be fetched; as failed it is at least seen.
    redis.call('ZADD', KEYS[11], now, id)
    parked[#parked + 1] = id
    return
  end
  if absent[owner] and deadly(job, owner, lock) then
    redis.call('HSET', job, 'defa', 'in flight at '
      .. redis.call('HGET', job, RECOVERIES) .. ' deaths, at the last one alone')
  end
  taken[#taken + 1] = id
  taken[#taken + 1] = owner
  local priority = tonumber(redis.call('HGET', job, 'priority')) or 0
  if priority > 0 then
    redis.call('ZADD', KEYS[6], priority * 0x100000000, id)
  else
    redis.call('RPUSH', KEYS[5], id)
  end
  if not pausedOrMaxed() then
    redis.call('ZADD', KEYS[8], 0, '0')
  end
  redis.call('XADD', KEYS[9], 'MAXLEN', '~', redis.call('HGET', metaKey, 'opts.maxLenEvents') or 10000,
    '*', 'event', 'waiting', 'jobId', id, 'prev', 'active')
end

-- From the newest to the oldest: each goes to the head, so the oldest is fetched first again.
local active = redis.call('LRANGE', activeKey, 0, -1)
for first = 1, #active, 1000 do
  local last = math.min(first + 999, #active)
  local names = {}
  for i = first, last do
    names[#names + 1] = jobPrefix .. active[i] .. ':lock'
  end
  local locks = redis.call('MGET', unpack(names))
  for i = first, last do
    local id, lock = active[i], locks[i - first + 1]
    if lock then
      local owner = string.match(lock, '^(.*):') or ''
      if absent[owner] then
        takeBack(id, owner, lock)
      elseif sweep and owner == caller then
        own[#own + 1] = id
        own[#own + 1] = lock
      end
    else
      -- BullMQ notes the name of the worker that fetched a job; ours is the incarnation.
      local owner = redis.pcall('HGET', jobPrefix .. id, 'pb')
      takeBack(id, type(owner) == 'string' and owner or '', nil)
    end
  end
end

-- Nothing names them any more: what was active of theirs has just been taken back.
if #forget > 0 then
  redis.call('HDEL', KEYS[1], unpack(forget))
  redis.call('HDEL', KEYS[2], unpack(forget))
end
return {taken, parked, absentNames, own}
