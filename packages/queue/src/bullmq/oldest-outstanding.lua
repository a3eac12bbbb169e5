--[[
  When the oldest job that may still be delivered was enqueued. Retried jobs stand anywhere in the
  queue, so all are looked at, at one moment: about a third of a microsecond a job.

  KEYS[1] list: active
  KEYS[2] list: wait
  KEYS[3] list: paused (what waits in a paused queue of BullMQ 5)
  KEYS[4] sorted set: prioritized
  KEYS[5] sorted set: delayed
  KEYS[6] sorted set: waiting-children

  ARGV[1] what precedes a job's id in the name of its hash

  Returns ms since 1970 as a string, '0' when there is a job that does not say; nil for no job
]]
local CHUNK = 5000
local oldest
local function look(timestamp)
  local at = type(timestamp) == 'string' and tonumber(timestamp) or 0
  if not oldest or at < oldest then oldest = at end
end

-- Where SORT_RO is not known or not allowed, or stumbles over a timestamp that is no number.
local function lookAtEach(key, isList)
  local size = redis.call(isList and 'LLEN' or 'ZCARD', key)
  for first = 0, size - 1, CHUNK do
    local ids = redis.call(isList and 'LRANGE' or 'ZRANGE', key, first, first + CHUNK - 1)
    for _, id in ipairs(ids) do
      look(redis.pcall('HGET', ARGV[1] .. id, 'timestamp'))
    end
  end
end

local timestamp = ARGV[1] .. '*->timestamp'
for i, key in ipairs(KEYS) do
  local least = redis.pcall('SORT_RO', key, 'BY', timestamp, 'LIMIT', 0, 1, 'GET', timestamp)
  if least.err then
    lookAtEach(key, i <= 3)
  elseif #least > 0 then
    look(least[1])
  end
end
return oldest and string.format('%.0f', oldest) or nil
