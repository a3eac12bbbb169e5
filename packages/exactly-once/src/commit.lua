--[[
  Applies the effects of some jobs, each once and for the current term only (C1, L4). Each request
  is decided by itself, one after the other: all of it happens or nothing, and an error of one
  touches no other. kept-keys.lua and sequences.lua stand in front of it.

  KEYS[1] hash: epoch, term (who may commit)
  KEYS[2] hash: what is kept; keys and producers' numbers are kept under names that begin with it
  KEYS[3] hash: balances, account -> cents
  KEYS[4] stream: the effect log

  ARGV[1] how many keys may be kept
  ARGV[2] how many keys a bucket is to hold
  ARGV[3] 24 bytes a request: digest of its key (16), digest of key and input (8); of any content
          where it has no key, or has a producer
  ARGV[4] how many authors follow
  ARGV[5...] epoch ('' for no token), term, node, incarnation of each author; then, of each request:
             author (from 1), job, idempotency key ('' for none), producer ('' for none), number,
             how many credits, and account and cents of each

  Returns, for each request in turn,
          stream id                          applied, and this is its entry
          {'duplicate', stream id, 1 or 0}   applied before; whether the token is current
          {'conflict', stream id}            applied before, with another digest
          {'stale-token', current epoch}     nothing was changed
          {'token-required', current epoch}  nothing was changed
          {'capacity', keys}                 nothing was changed
          {'error', what Redis said}         nothing was changed
  The stream id of a duplicate or conflict is '' where it is not known any more.
]]
local IDENTITY_BYTES, DIGEST_BYTES = 16, 24
local AUTHOR_ARGS, REQUEST_ARGS = 4, 6

local current = redis.call('HMGET', KEYS[1], 'epoch', 'term')
local kept = readKept(KEYS[2])
local capacity = tonumber(ARGV[1])
local keysBefore, sequencedBefore = kept.current.keys, kept.sequenced

local function readAuthor(at)
  local epoch, term = ARGV[at], ARGV[at + 1]
  -- Equality of both: a store that forgot its epochs may have given this number to another term.
  local tokenCurrent
  if epoch == '' then
    tokenCurrent = not current[1]
  else
    tokenCurrent = current[1] == epoch and current[2] == term
  end
  return {
    epoch = epoch, term = term, node = ARGV[at + 2], incarnation = ARGV[at + 3],
    tokenCurrent = tokenCurrent,
  }
end

-- A balance that is no number or would overflow, or a log that is no stream: all or nothing.
local function takeBack(first, last)
  for i = first, last, 2 do
    redis.call('HINCRBY', KEYS[3], ARGV[i], string.format('%.0f', -tonumber(ARGV[i + 1])))
  end
end

local function book(first, last)
  for i = first, last, 2 do
    local booked = redis.pcall('HINCRBY', KEYS[3], ARGV[i], ARGV[i + 1])
    if type(booked) == 'table' and booked.err then
      takeBack(first, i - 2)
      return booked
    end
  end
  return nil
end

local function sumOf(first, last)
  local sum = 0
  for i = first, last, 2 do
    sum = sum + tonumber(ARGV[i + 1])
  end
  return string.format('%.0f', sum)
end

local function append(author, job, key, first, last)
  local alone = last == first + 1
  local entry = {'job', job, 'node', author.node, 'incarnation', author.incarnation,
    'amountCents', alone and ARGV[last] or sumOf(first, last)}
  local size = #entry
  if author.epoch ~= '' then
    entry[size + 1], entry[size + 2] = 'epoch', author.epoch
    entry[size + 3], entry[size + 4] = 'term', author.term
    size = size + 4
  end
  if key ~= '' then
    entry[size + 1], entry[size + 2] = 'key', key
    size = size + 2
  end
  if alone then
    entry[size + 1], entry[size + 2] = 'account', ARGV[first]
  end
  return redis.pcall('XADD', KEYS[4], '*', unpack(entry))
end

local opened
local function sequences()
  opened = opened or openSequences(kept)
  return opened
end

local function recall(bucket, identity, check, producer, number)
  if producer == '' then
    return findKey(kept, bucket, identity)
  end
  return sequences().isApplied(producer, number) and {check = check, position = ''} or nil
end

local function commit(author, at, first, last, digest)
  local job, key = ARGV[at + 1], ARGV[at + 2]
  local producer, number = ARGV[at + 3], ARGV[at + 4]
  local identity = string.sub(ARGV[3], digest, digest + IDENTITY_BYTES - 1)
  local check = string.sub(ARGV[3], digest + IDENTITY_BYTES, digest + DIGEST_BYTES - 1)
  local bucket = bucketOf(kept.current, identity)

  -- The key comes first: a commit whose reply was lost must read back as applied, not as fenced.
  if key ~= '' then
    local known = recall(bucket, identity, check, producer, number)
    if known and known.check ~= check then
      return {'conflict', known.position}
    elseif known then
      return {'duplicate', known.position, author.tokenCurrent and 1 or 0}
    end
  end
  if not author.tokenCurrent then
    local reason = author.epoch == '' and 'token-required' or 'stale-token'
    return {reason, tonumber(current[1] or '0')}
  end
  if key ~= '' and keptInAll(kept) >= capacity then
    return {'capacity', keptInAll(kept)}
  end

  local refused = book(first, last)
  if refused then
    return {'error', refused.err}
  end
  local position = append(author, job, key, first, last)
  if type(position) == 'table' then
    takeBack(first, last - 1)
    return {'error', position.err}
  end
  if key ~= '' then
    if producer == '' then
      keepKey(kept, bucket, identity, check, position)
    else
      sequences().markApplied(producer, number)
    end
  end
  return position
end

local authors, at = {}, 5
for i = 1, tonumber(ARGV[4]) do
  authors[tostring(i)] = readAuthor(at)
  at = at + AUTHOR_ARGS
end
local outcomes = {}
while at <= #ARGV do
  local first = at + REQUEST_ARGS
  local last = first + 2 * tonumber(ARGV[at + 5]) - 1
  local author, digest = authors[ARGV[at]], #outcomes * DIGEST_BYTES + 1
  local done, outcome = pcall(commit, author, at, first, last, digest)
  if not done then
    outcome = {'error', type(outcome) == 'table' and outcome.err or tostring(outcome)}
  end
  outcomes[#outcomes + 1] = outcome
  at = last + 1
end
writeKept(kept, tonumber(ARGV[2]), keysBefore, sequencedBefore)
return outcomes
