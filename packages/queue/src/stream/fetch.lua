--[[
  Gives a consumer entries of the stream: first what it holds already after a cursor (a fetch whose
  reply was lost, or that landed late), then, where nobody leads, what was given back, then new ones.
  Since new entries come after all that were ever given out, a consumer that alone may fetch gets
  them in the order of the stream, whatever happened to its requests.

  Where a node leads, only the current term is served: what a deposed leader asked for comes to
  nothing, however late it arrives. groups.lua stands in front of it.

  KEYS[1] stream: the jobs
  KEYS[2] hash: epoch, term (the ledger's)
  KEYS[3] hash: notes on entries

  ARGV[1] consumer group
  ARGV[2] consumer
  ARGV[3] epoch; '' where nobody leads
  ARGV[4] term
  ARGV[5] cursor: an entry's id
  ARGV[6] how many entries at most

  Returns {'fenced', current epoch}
          {'entries', {{id, {field, value, ...}}, ...}, {notes, ...}, last id}
            notes: nil, or for each entry {recoveries, failures, why it is to be given up}
            last id: the last entry that the group was given
]]
local jobs, group, consumer, count = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[6])
if ARGV[3] ~= '' then
  local current = redis.call('HMGET', KEYS[2], 'epoch', 'term')
  if current[1] ~= ARGV[3] or current[2] ~= ARGV[4] then
    return {'fenced', tonumber(current[1] or '0')}
  end
end

local found = {}
local function read(who, from)
  local most = count - #found
  if most <= 0 then return {} end
  local reply = redis.pcall('XREADGROUP', 'GROUP', group, who, 'COUNT', most, 'STREAMS', jobs, from)
  if reply and reply.err then
    if not string.find(reply.err, '^NOGROUP') then return reply end
    -- Nobody was here before, or the server forgot: everything in the stream is to be done.
    redis.call('XGROUP', 'CREATE', jobs, group, '0', 'MKSTREAM')
    reply = redis.call('XREADGROUP', 'GROUP', group, who, 'COUNT', most, 'STREAMS', jobs, from)
  end
  return reply and reply[1][2] or {}
end

local function keep(entries)
  for _, entry in ipairs(entries) do
    if entry[2] then
      found[#found + 1] = entry
    else
      -- Somebody deleted it from the stream. There is nothing left to do.
      redis.call('XACK', jobs, group, entry[1])
    end
  end
end

local own = read(consumer, ARGV[5])
if own.err then return own end
keep(own)
if ARGV[3] == '' then
  local before = #found
  keep(read(':returned', '0'))
  if #found > before then
    local claim = {'XCLAIM', jobs, group, consumer, 0}
    for i = before + 1, #found do claim[#claim + 1] = found[i][1] end
    claim[#claim + 1] = 'JUSTID'
    redis.call(unpack(claim))
  end
end
keep(read(consumer, '>'))

local last = ''
if #found < count then
  last = groupOf(jobs, group)['last-delivered-id']
end

local notes = false
if #found > 0 and redis.call('EXISTS', KEYS[3]) == 1 then
  notes = {}
  for i, entry in ipairs(found) do
    local id = entry[1]
    notes[i] = redis.call('HMGET', KEYS[3], id .. ' r', id .. ' f', id .. ' c')
  end
end
return {'entries', found, notes, last}
