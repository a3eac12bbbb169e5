--[[
  Gives up the lock of a job, if it is still the given one: recover.lua then takes the job back.

  KEYS[1] string: the job's lock

  ARGV[1] the token it was fetched with

  Returns 1 when released, 0 when the lock is not ours any more
]]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('DEL', KEYS[1])
