--[[
  Bounds the memory of producers' numbers (C2): forgets producers of which nothing was applied for so
  long that every job that may still be delivered was enqueued at least a window later. It is the rule
  of rotate-keys.lua, with the last number of a producer in the place of a generation. Called again
  it goes on where it was; what is half forgotten is forgotten. kept-keys.lua and sequences.lua stand
  in front of it.

  KEYS[1] hash: what is kept

  ARGV[1] enqueue time of the oldest job that may still be delivered, in ms since 1970; '' for none
  ARGV[2] window in ms
  ARGV[3] how many pages may be deleted at once

  Returns {what is counted against the capacity now, 1 if more is to be forgotten else 0}
]]
local kept, most = readKept(KEYS[1]), tonumber(ARGV[3])
local quietSince = (ARGV[1] == '' and clockMs() or tonumber(ARGV[1])) - tonumber(ARGV[2])
local registry = kept.name .. ':producers'
local found = redis.call('ZRANGEBYSCORE', registry, '-inf', quietSince, 'LIMIT', 0, 1)
local producer = found[1]
if not producer then
  return {keptInAll(kept), 0}
end

local names = openSequences(kept).namesOf(producer)
local state = redis.call('HGETALL', names.state)
local pages = 0
for i = 1, #state, 2 do
  if tonumber(state[i]) and state[i + 1] ~= 'folded' and pages < most then
    redis.call('UNLINK', names.page(tonumber(state[i])))
    redis.call('HDEL', names.state, state[i])
    pages = pages + 1
  end
end
kept.sequenced = kept.sequenced - pages * PAGE_WEIGHT
if pages < most then
  kept.sequenced = kept.sequenced - redis.call('SCARD', names.gaps)
  redis.call('UNLINK', names.state, names.gaps)
  redis.call('ZREM', registry, producer)
end
redis.call('HSET', kept.name, 'sequenced', kept.sequenced)
return {keptInAll(kept), 1}
