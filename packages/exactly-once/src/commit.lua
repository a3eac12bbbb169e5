--[[
  Applies the effect of a job, once, for the current term only (C1, L4).

  KEYS[1] hash: epoch, term (who may commit)
  KEYS[2] hash: idempotency keys of the current generation, key -> "<stream id> <digest>"
  KEYS[3] hash: idempotency keys of the previous generation
  KEYS[4] hash: balances, account -> cents
  KEYS[5] stream: the effect log

  ARGV[1] idempotency key; '' for none
  ARGV[2] digest of the job's input
  ARGV[3] epoch of the token; '' for no token
  ARGV[4] term of the token
  ARGV[5] how many keys may be kept
  ARGV[6] job
  ARGV[7] node
  ARGV[8] incarnation
  ARGV[9] sum of the credits, in cents
  ARGV[10...] account, amount in cents, account, amount in cents, ...

  Returns {'applied', stream id}
          {'duplicate', stream id, 1 or 0}   applied before; whether the token is current
          {'conflict', stream id}            applied before, with another digest
          {'stale-token', current epoch}     nothing was changed
          {'token-required', current epoch}  nothing was changed
          {'capacity', keys}                 nothing was changed
  An error means that nothing was changed.
]]
local key, epoch = ARGV[1], ARGV[3]
local current = redis.call('HMGET', KEYS[1], 'epoch', 'term')
-- Equality of both: a store that forgot its epochs may have given this number to another term.
local tokenCurrent
if epoch == '' then
  tokenCurrent = not current[1]
else
  tokenCurrent = current[1] == epoch and current[2] == ARGV[4]
end

-- The key comes first: a commit whose reply was lost must read back as applied, not as fenced.
if key ~= '' then
  local known = redis.call('HGET', KEYS[2], key) or redis.call('HGET', KEYS[3], key)
  if known then
    local space = string.find(known, ' ', 1, true)
    local position = string.sub(known, 1, space - 1)
    if string.sub(known, space + 1) ~= ARGV[2] then
      return {'conflict', position}
    end
    return {'duplicate', position, tokenCurrent and 1 or 0}
  end
end

if not tokenCurrent then
  return {epoch == '' and 'token-required' or 'stale-token', tonumber(current[1] or '0')}
end

if key ~= '' then
  local keys = redis.call('HLEN', KEYS[2]) + redis.call('HLEN', KEYS[3])
  if keys >= tonumber(ARGV[5]) then
    return {'capacity', keys}
  end
end

-- A balance that is no number or would overflow, or a log that is no stream: all or nothing.
local function takeBack(last)
  for i = 10, last, 2 do
    redis.call('HINCRBY', KEYS[4], ARGV[i], string.format('%.0f', -tonumber(ARGV[i + 1])))
  end
end
for i = 10, #ARGV, 2 do
  local booked = redis.pcall('HINCRBY', KEYS[4], ARGV[i], ARGV[i + 1])
  if type(booked) == 'table' and booked.err then
    takeBack(i - 2)
    return booked
  end
end

local entry = {'job', ARGV[6], 'node', ARGV[7], 'incarnation', ARGV[8], 'amountCents', ARGV[9]}
local function add(field, value)
  entry[#entry + 1] = field
  entry[#entry + 1] = value
end
if epoch ~= '' then
  add('epoch', epoch)
  add('term', ARGV[4])
end
if key ~= '' then
  add('key', key)
end
if #ARGV == 11 then
  add('account', ARGV[10])
end
local position = redis.pcall('XADD', KEYS[5], '*', unpack(entry))
if type(position) == 'table' then
  takeBack(#ARGV - 1)
  return position
end
if key ~= '' then
  redis.call('HSET', KEYS[2], key, position .. ' ' .. ARGV[2])
end
return {'applied', position}
