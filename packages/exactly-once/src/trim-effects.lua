--[[
  Bounds the memory of the effect log, where it is not kept for ever: entries older than an age go, a
  whole node of the stream at a time, and so many at most, so that nobody waits for it long. Neither
  keys nor balances depend on the log. Run twice, or late, it finds less to do.

  KEYS[1] stream: the effect log

  ARGV[1] age in ms, by this server's clock
  ARGV[2] how many entries may go at once

  Returns how many entries are gone
]]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local oldest = string.format('%.0f', math.max(0, now - tonumber(ARGV[1])))
return redis.call('XTRIM', KEYS[1], 'MINID', '~', oldest, 'LIMIT', ARGV[2])
