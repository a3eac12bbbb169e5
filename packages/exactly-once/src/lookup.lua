--[[
  What is known of an idempotency key, in either generation at one moment.

  KEYS[1] hash: idempotency keys of the current generation, key -> "<stream id> <digest>"
  KEYS[2] hash: idempotency keys of the previous generation

  ARGV[1] idempotency key

  Returns "<stream id> <digest>", or nil when the key is not known
]]
return redis.call('HGET', KEYS[1], ARGV[1]) or redis.call('HGET', KEYS[2], ARGV[1])
