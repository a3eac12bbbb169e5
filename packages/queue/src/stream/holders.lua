-- Counts that the owner of an entry died with it in hand (R3). Who was known to be a suspect, was
-- tried alone, and whose process died all the same, is to be given up.
local function blame(id, holder, notes, limit)
  local recoveries = redis.pcall('HINCRBY', notes, id .. ' r', 1)
  -- A server that is full refuses to count; the entry is taken back all the same.
  if type(recoveries) ~= 'number' or recoveries <= limit then return end
  if redis.call('HGET', notes, id .. ' a') == holder then
    redis.pcall('HSET', notes, id .. ' c', 'in flight at '
      .. recoveries .. ' deaths, at the last one alone')
  end
end

-- The consumers of a group: {name, pending, idle}; none where there is no group. groups.lua stands in front.
local function consumersOf(stream, group)
  local reply = redis.pcall('XINFO', 'CONSUMERS', stream, group)
  local consumers = {}
  if reply.err then return consumers end
  for _, info in ipairs(reply) do
    consumers[#consumers + 1] = toldOf(info)
  end
  return consumers
end

-- A consumer is named by its incarnation, and where nodes lead also by its term.
local function ownerOf(consumer)
  return string.match(consumer, '^[^:]*')
end

-- Moves up to `most` of a consumer's entries to another; calls `each` for every one before.
local function move(stream, group, from, to, most, each)
  local ids = {}
  for _, pending in ipairs(redis.call('XPENDING', stream, group, '-', '+', most, from)) do
    ids[#ids + 1] = pending[1]
    each(pending[1])
  end
  if #ids > 0 then
    ids[#ids + 1] = 'JUSTID'
    redis.call('XCLAIM', stream, group, to, 0, unpack(ids))
    ids[#ids] = nil
  end
  return ids
end
