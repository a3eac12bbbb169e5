--[[
  How idempotency keys are kept, for the scripts it is put in front of. They give it a name, that of
  the hash of counts; buckets are named after it, so that all of them carry the group's hash tag and
  live in one slot.

  A generation of keys is a row of buckets: hashes that are small enough for the server to keep them
  as listpacks, which is 4 bytes a key beside what is in them. In a bucket stands
    digest of the key (16 bytes) -> digest of key and input (8 bytes), position of the effect
  where the position counts from the generation's opening, in as few bytes as it needs. When the
  keys become too many for the buckets, one more bucket takes its part of one that is there (linear
  hashing, Litwin 1980): no generation is ever rebuilt, and one look finds a key, or that it is none.

  The hash of counts: number, buckets, keys, opened (ms) of the current generation; previous-buckets,
  previous-keys, previous-opened, previous-closed of the one before, whose number is one less;
  sequenced, what producers' numbers take (sequences.lua); dropping, dropping-buckets: what is left
  of a generation that nobody looks at any more.
]]
local CHECK_BYTES = 8

local function clockMs()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- The largest power of two that is not above the number of buckets.
local function powerWithin(buckets)
  local _, exponent = math.frexp(buckets)
  return math.ldexp(1, exponent - 1)
end

-- What is counted, with both generations; the current one is opened by the first key that it keeps.
local function readKept(name)
  local field = redis.call('HMGET', name, 'number', 'buckets', 'keys', 'opened',
    'previous-buckets', 'previous-keys', 'previous-opened', 'sequenced')
  local number = tonumber(field[1] or '1')
  local function generation(which, buckets, keys, opened)
    buckets = tonumber(buckets or '1')
    return {
      prefix = string.format('%s:%.0f:', name, which),
      buckets = buckets,
      power = powerWithin(buckets),
      keys = tonumber(keys or '0'),
      opened = tonumber(opened or '0'),
    }
  end
  return {
    name = name,
    number = number,
    current = generation(number, field[2], field[3], field[4]),
    previous = generation(number - 1, field[5], field[6], field[7]),
    sequenced = tonumber(field[8] or '0'),
  }
end

local function keptInAll(kept)
  return kept.current.keys + kept.previous.keys + kept.sequenced
end

local function bucketNumber(generation, identity)
  local a, b, c = string.byte(identity, 1, 3)
  local bucket = (a + b * 256 + c * 65536) % (generation.power * 2)
  return bucket < generation.buckets and bucket or bucket - generation.power
end

-- The bytes of a whole number, the lowest first, without zeros at the end.
local function packNumber(number)
  local bytes = ''
  while number > 0 do
    bytes = bytes .. string.char(number % 256)
    number = math.floor(number / 256)
  end
  return bytes
end

-- The milliseconds of the last position that was packed: those of a batch have them in common.
local packedMs, packedSince

local function packPosition(position, opened)
  local ms, rest = string.match(position, '^(%d+)-(%d+)$')
  -- The clock was set back and the log begun anew: the key counts, where its effect stood does not.
  if tonumber(ms) < opened then
    return ''
  end
  if ms ~= packedMs then
    packedMs, packedSince = ms, packNumber(tonumber(ms) - opened)
  end
  local nth, bytes = tonumber(rest), ''
  while nth >= 128 do
    bytes = bytes .. string.char(128 + nth % 128)
    nth = math.floor(nth / 128)
  end
  return bytes .. string.char(nth) .. packedSince
end

local function unpackPosition(packed, opened)
  if packed == '' then
    return ''
  end
  local nth, weight, at = 0, 1, 1
  local byte = string.byte(packed, at)
  while byte >= 128 do
    nth, weight, at = nth + (byte - 128) * weight, weight * 128, at + 1
    byte = string.byte(packed, at)
  end
  nth, weight = nth + byte * weight, 1
  local ms = opened
  for i = at + 1, #packed do
    ms, weight = ms + string.byte(packed, i) * weight, weight * 256
  end
  return string.format('%.0f-%.0f', ms, nth)
end

local function bucketOf(generation, identity)
  return generation.prefix .. bucketNumber(generation, identity)
end

local function findIn(generation, bucket, identity)
  local value = generation.keys > 0 and redis.call('HGET', bucket, identity)
  if not value then
    return nil
  end
  return {
    check = string.sub(value, 1, CHECK_BYTES),
    position = unpackPosition(string.sub(value, CHECK_BYTES + 1), generation.opened),
  }
end

-- What is known of a key: the check of its input, and its position ('' where that is not known).
-- `bucket` is the key's in the current generation.
local function findKey(kept, bucket, identity)
  local found = findIn(kept.current, bucket, identity)
  if found or kept.previous.keys == 0 then
    return found
  end
  return findIn(kept.previous, bucketOf(kept.previous, identity), identity)
end

local function keepKey(kept, bucket, identity, check, position)
  local generation = kept.current
  if generation.keys == 0 then
    -- The effect was appended just before: no later than that the generation is open.
    generation.opened = math.min(clockMs(), tonumber(string.match(position, '^%d+')))
  end
  redis.call('HSET', bucket, identity, check .. packPosition(position, generation.opened))
  generation.keys = generation.keys + 1
end

local function splitBucket(generation)
  local to = generation.buckets
  local from = generation.prefix .. (to - generation.power)
  generation.buckets = to + 1
  generation.power = powerWithin(generation.buckets)
  local held, moving, leaving = redis.call('HGETALL', from), {}, {}
  for i = 1, #held, 2 do
    if bucketNumber(generation, held[i]) == to then
      leaving[#leaving + 1] = held[i]
      moving[#moving + 1] = held[i]
      moving[#moving + 1] = held[i + 1]
    end
  end
  if #leaving > 0 then
    redis.call('HSET', generation.prefix .. to, unpack(moving))
    redis.call('HDEL', from, unpack(leaving))
  end
end

-- Writes down what was counted since `kept` was read, and makes room for what comes next.
local function writeKept(kept, bucketSize, keysBefore, sequencedBefore)
  local generation = kept.current
  if generation.keys > keysBefore then
    if keysBefore == 0 then
      redis.call('HSET', kept.name, 'number', kept.number, 'opened', generation.opened)
    end
    redis.call('HSET', kept.name, 'keys', generation.keys)
    if generation.keys > generation.buckets * bucketSize then
      repeat
        splitBucket(generation)
      until generation.keys <= generation.buckets * bucketSize
      redis.call('HSET', kept.name, 'buckets', generation.buckets)
    end
  end
  if kept.sequenced ~= sequencedBefore then
    redis.call('HSET', kept.name, 'sequenced', kept.sequenced)
  end
end
