--[[
  Gives a job up: its entry moves to the stream of parked ones, with the reason.

  KEYS[1] stream: the jobs
  KEYS[2] hash: notes on entries
  KEYS[3] stream: parked jobs

  ARGV[1] consumer group
  ARGV[2] consumer
  ARGV[3] entry
  ARGV[4] reason

  Returns 1 when parked, now or by an earlier call whose reply was lost; 0 when the entry is not this
  consumer's any more, and nothing was changed
]]
local jobs, group, id = KEYS[1], ARGV[1], ARGV[3]
local holder = redis.pcall('XPENDING', jobs, group, id, id, 1)
if holder.err or not holder[1] then
  -- Asked a second time at once: it is among the last ones.
  for _, parked in ipairs(redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 100)) do
    local fields = parked[2]
    for i = 1, #fields, 2 do
      if fields[i] == 'entry' and fields[i + 1] == id then return 1 end
    end
  end
  return 0
end
if holder[1][2] ~= ARGV[2] then
  return 0
end

local entry = redis.call('XRANGE', jobs, id, id)[1]
if entry then
  local fields, named = {}, false
  for i = 1, #entry[2], 2 do
    local field, value = entry[2][i], entry[2][i + 1]
    if field == 'id' and value ~= '' then named = true end
    if field ~= 'reason' and field ~= 'entry' and (field ~= 'id' or value ~= '') then
      fields[#fields + 1] = field
      fields[#fields + 1] = value
    end
  end
  -- What has no name of its own is known by its entry.
  if not named then
    fields[#fields + 1] = 'id'
    fields[#fields + 1] = id
  end
  redis.call('XADD', KEYS[3], '*', 'reason', ARGV[4], 'entry', id, unpack(fields))
end
redis.call('XACK', jobs, group, id)
redis.call('XDEL', jobs, id)
redis.call('HDEL', KEYS[2], id .. ' r', id .. ' f', id .. ' a', id .. ' c')
return 1
