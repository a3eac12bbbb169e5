--[[
  How many jobs there are in each state, and how old the one is whose turn comes next, at one moment.
  It takes the same time however many there are. groups.lua stands in front of it.

  KEYS[1] stream: the jobs
  KEYS[2] stream: parked jobs

  ARGV[1] consumer group

  Returns {waiting, in hand, parked, age of the next waiting job in ms, -1 for none}
]]
local jobs, group = KEYS[1], ARGV[1]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local length = redis.call('XLEN', jobs)

local held, returned, after = 0, 0, '-'
local upcoming
local told = groupOf(jobs, group)
if told then
  after = '(' .. told['last-delivered-id']
  held = told.pending
  for _, consumer in ipairs(redis.call('XPENDING', jobs, group)[4] or {}) do
    if consumer[1] == ':returned' then returned = tonumber(consumer[2]) end
  end
  if returned > 0 then
    upcoming = redis.call('XPENDING', jobs, group, '-', '+', 1, ':returned')[1]
  end
end
upcoming = upcoming or redis.call('XRANGE', jobs, after, '+', 'COUNT', 1)[1]
local age = upcoming and math.max(0, now - tonumber(string.match(upcoming[1], '^%d+'))) or -1
local active = held - returned
return {math.max(0, length - active), active, redis.call('XLEN', KEYS[2]), age}
