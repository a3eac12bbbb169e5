--[[
  Notes on a suspect that it is about to run alone (R3), so that a death from here on is its own.

  KEYS[1] hash: the job
  KEYS[2] string: its lock

  ARGV[1] the token it was fetched with

  Returns 1 when noted, 0 when the lock is not ours any more
]]
if redis.call('GET', KEYS[2]) ~= ARGV[1] or redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'understudy:alone', ARGV[1])
return 1
