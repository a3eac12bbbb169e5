--[[
  Stands in for the ledger's mint.lua: counts up, whatever epoch was expected.

  KEYS[1] hash: epoch, term

  ARGV[1] term

  Returns {1, epoch} the term is current with that epoch
]]
local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HSET', KEYS[1], 'term', ARGV[1])
return {1, epoch}
