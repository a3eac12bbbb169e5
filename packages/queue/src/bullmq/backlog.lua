--[[
  How many jobs there are in each state, and how old the one is whose turn comes next, at one moment.
  It takes the same time however many there are.

  KEYS[1] list: wait
  KEYS[2] list: paused
  KEYS[3] sorted set: prioritized
  KEYS[4] list: active
  KEYS[5] sorted set: delayed
  KEYS[6] sorted set: failed

  ARGV[1] what precedes a job's id in the name of its hash

  Returns {waiting, active, delayed, failed, age of the next waiting job in ms, -1 for none}
]]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local age = -1

local function look(id)
  local enqueued = id and tonumber(redis.pcall('HGET', ARGV[1] .. id, 'timestamp') or '')
  if enqueued then
    age = math.max(age, now - enqueued, 0)
  end
end

-- Jobs come in at the head and are fetched from the tail, or from the least score.
look(redis.call('LINDEX', KEYS[1], -1))
look(redis.call('LINDEX', KEYS[2], -1))
look(redis.call('ZRANGE', KEYS[3], 0, 0)[1])

local waiting = redis.call('LLEN', KEYS[1]) + redis.call('LLEN', KEYS[2])
  + redis.call('ZCARD', KEYS[3])
return {waiting, redis.call('LLEN', KEYS[4]), redis.call('ZCARD', KEYS[5]),
  redis.call('ZCARD', KEYS[6]), age}
