-- nowMs(): this server's clock, in whole ms since 1970.
-- Put in front of probe.lua, and of what dates a heartbeat: beat.lua, acquire.lua and extend.lua.
local function nowMs()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
