-- What XINFO tells of one thing, by name.
local function toldOf(info)
  local told = {}
  for i = 1, #info, 2 do told[info[i]] = info[i + 1] end
  return told
end

-- What the server tells of a consumer group; nothing where there is none.
local function groupOf(stream, name)
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  for _, info in ipairs(groups.err and {} or groups) do
    local told = toldOf(info)
    if told.name == name then return told end
  end
  return nil
end
