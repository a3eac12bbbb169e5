--[[
  Completes jobs: their entries leave the group and the stream, so that its length is the backlog.

  XACK does not ask whose an entry is, and its count is no proof: it is 0 for an entry that an earlier
  call acknowledged whose reply was lost, and for one that a new group was never given. So this asks
  whose an entry is, one by one where anybody may have taken one from this consumer, and not at all
  where nobody did. An entry that nobody holds was completed by an earlier call, or the group is new:
  what took effect is done. groups.lua stands in front of it.

  KEYS[1] stream: the jobs
  KEYS[2] hash: epoch, term (the ledger's)
  KEYS[3] hash: notes on entries
  KEYS[4] string: there when entries were taken from this consumer

  ARGV[1] consumer group
  ARGV[2] consumer
  ARGV[3] epoch; '' where nobody leads
  ARGV[4] term
  ARGV[5...] entries

  Returns the entries that somebody else holds; nothing was changed of them
]]
local jobs, group, consumer = KEYS[1], ARGV[1], ARGV[2]
local ids, lost = {}, {}

local untouched
if ARGV[3] == '' then
  untouched = redis.call('EXISTS', KEYS[4]) == 0
else
  -- Only a newer term takes entries from this one.
  local current = redis.call('HMGET', KEYS[2], 'epoch', 'term')
  untouched = current[1] == ARGV[3] and current[2] == ARGV[4]
end

for i = 5, #ARGV do
  local id = ARGV[i]
  local holder = not untouched and redis.pcall('XPENDING', jobs, group, id, id, 1)
  if holder and not holder.err and holder[1] and holder[1][2] ~= consumer then
    lost[#lost + 1] = id
  else
    ids[#ids + 1] = id
  end
end

-- Whether entry `a` stands before entry `b`: of one length they are in the order of their characters.
local function isBefore(a, b)
  if #a == #b then return a < b end
  local aMs, aSequence = string.match(a, '^(%d+)-(%d+)$')
  local bMs, bSequence = string.match(b, '^(%d+)-(%d+)$')
  if aMs == bMs then return tonumber(aSequence) < tonumber(bSequence) end
  return tonumber(aMs) < tonumber(bMs)
end

if #ids > 0 then
  redis.call('XACK', jobs, group, unpack(ids))
  -- What stands before all that is in flight was given out and is done. To cut it off costs a tenth of
  -- what deleting its entries one by one does. A group that came back older than what is in hand, or was
  -- made anew, has not given out what stands before its jobs: of that nothing is cut off.
  local pending = redis.pcall('XPENDING', jobs, group)
  local first = not pending.err and pending[2]
  if not pending.err and not first then
    first = ids[1]
    for _, id in ipairs(ids) do
      if isBefore(first, id) then first = id end
    end
  end
  local told = first and groupOf(jobs, group)
  if first and (not told or isBefore(told['last-delivered-id'], first)) then first = nil end
  local rest = {}
  for _, id in ipairs(ids) do
    if not first or not isBefore(id, first) then rest[#rest + 1] = id end
  end
  if first then redis.call('XTRIM', jobs, 'MINID', '=', first) end
  if #rest > 0 then redis.call('XDEL', jobs, unpack(rest)) end
  if redis.call('EXISTS', KEYS[3]) == 1 then
    for _, id in ipairs(ids) do
      redis.call('HDEL', KEYS[3], id .. ' r', id .. ' f', id .. ' a', id .. ' c')
    end
  end
end
return lost
