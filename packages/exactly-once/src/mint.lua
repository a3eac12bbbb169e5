--[[
  Makes a term the current one (L3). Idempotent by term; a plain INCR would let a late mint unseat
  the rightful holder for good.

  KEYS[1] hash: epoch, term

  ARGV[1] term
  ARGV[2] the epoch its holder read before it proved its lease
  ARGV[3] the highest epoch known anywhere; the new one is above it

  Returns {1, epoch} the term is current with that epoch, now or already
          {0, epoch} another epoch is current; nothing was changed
]]
local current = redis.call('HMGET', KEYS[1], 'epoch', 'term')
local epoch = tonumber(current[1] or '0')
if current[2] == ARGV[1] then
  return {1, epoch}
end
if epoch ~= tonumber(ARGV[2]) then
  return {0, epoch}
end
local minted = math.max(epoch, tonumber(ARGV[3])) + 1
redis.call('HSET', KEYS[1], 'epoch', string.format('%.0f', minted), 'term', ARGV[1])
return {1, minted}
