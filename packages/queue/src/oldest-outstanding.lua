--[[
  When the oldest job that may still be delivered was enqueued. Retried jobs stand anywhere in the
  queue, so all are looked at, at one moment: about 1 µs a job.

  KEYS[1] list: active
  KEYS[2] list: wait
  KEYS[3] sorted set: prioritized
  KEYS[4] sorted set: delayed
  KEYS[5] sorted set: waiting-children

  ARGV[1] what precedes a job's id in the name of its hash

  Returns ms since 1970 as a string, '0' when there is a job that does not say; nil for no job
]]
local CHUNK = 5000
local oldest
local function look(ids)
  for _, id in ipairs(ids) do
    local timestamp = redis.pcall('HGET', ARGV[1] .. id, 'timestamp')
    local at = type(timestamp) == 'string' and tonumber(timestamp) or 0
    if not oldest or at < oldest then oldest = at end
  end
end
for i, key in ipairs(KEYS) do
  local command = i <= 2 and 'LRANGE' or 'ZRANGE'
  local size = redis.call(i <= 2 and 'LLEN' or 'ZCARD', key)
  for first = 0, size - 1, CHUNK do
    look(redis.call(command, key, first, first + CHUNK - 1))
  end
end
return oldest and string.format('%.0f', oldest) or nil
