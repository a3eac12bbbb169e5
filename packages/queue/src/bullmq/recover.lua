--[[
  Takes back the jobs of incarnations that are absent (R1). It stands behind absence.lua, which says
  who they are.

  A job is taken back when its lock names an absent incarnation, or when it has no lock: the
  fetching script sets both at once, so the lock has expired or was deleted. Jobs whose lock names
  anybody else are left alone: also those of a BullMQ worker that knows nothing of incarnations.

  KEYS[1..4], ARGV[1..6] absence.lua
  KEYS[5] list: active
  KEYS[6] list: wait
  KEYS[7] sorted set: prioritized
  KEYS[8] hash: meta
  KEYS[9] sorted set: marker
  KEYS[10] stream: events
  KEYS[11] set: stalled
  KEYS[12] sorted set: failed

  ARGV[7] what precedes a job's id in the name of its hash
  ARGV[8] how often a job may be taken back from the dead before it is tried alone
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
local activeKey, metaKey = KEYS[5], KEYS[8]
local jobPrefix, limit = ARGV[7], tonumber(ARGV[8])
local sweep = ARGV[9] == '1'
local RECOVERIES, ALONE = 'understudy:recoveries', 'understudy:alone'

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
  redis.call('SREM', KEYS[11], id)
  local kind = redis.call('TYPE', job).ok
  if kind == 'none' then return end
  if kind ~= 'hash' then
    -- Somebody wrote over the job. It can never be fetched; as failed it is at least seen.
    redis.call('ZADD', KEYS[12], now, id)
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
    redis.call('ZADD', KEYS[7], priority * 0x100000000, id)
  else
    redis.call('RPUSH', KEYS[6], id)
  end
  if not pausedOrMaxed() then
    redis.call('ZADD', KEYS[9], 0, '0')
  end
  redis.call('XADD', KEYS[10], 'MAXLEN', '~', redis.call('HGET', metaKey, 'opts.maxLenEvents') or 10000,
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

forgetAbsent()
return {taken, parked, absentNames, own}
