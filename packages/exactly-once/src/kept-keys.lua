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

-- What is counted, with both generations; the current one is opened by the first key that it keeps.
local function readKept(name)
  local field = redis.call('HMGET', name, 'number', 'buckets', 'keys', 'opened',
    'previous-buckets', 'previous-keys', 'previous-opened', 'sequenced')
  local number = tonumber(field[1] or '1')
  local function generation(which, buckets, keys, opened)
    return {
      name = string.format('%s:%.0f:', name, which),
      buckets = tonumber(buckets or '1'),
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

-- The largest power of two that is not above the number of buckets.
local function powerWithin(buckets)
  local _, exponent = math.frexp(buckets)
  return math.ldexp(1, exponent - 1)
end

local function bucketOf(identity, buckets)
  local a, b, c, d = string.byte(identity, 1, 4)
  local hash = ((d * 256 + c) * 256 + b) * 256 + a
  local power = powerWithin(buckets)
  local bucket = hash % (power * 2)
  return bucket < buckets and bucket or bucket - power
end

local function packPosition(position, opened)
  local ms, nth = string.match(position, '^(%d+)-(%d+)$')
  local since, rest = tonumber(ms) - opened, tonumber(nth)
  -- The clock was set back and the log begun anew: the key counts, where its effect stood does not.
  if since < 0 then
    return ''
  end
  local bytes = {}
  while rest >= 128 do
    bytes[#bytes + 1] = 128 + rest % 128
    rest = math.floor(rest / 128)
  end
  bytes[#bytes + 1] = rest
  while since > 0 do
    bytes[#bytes + 1] = since % 256
    since = math.floor(since / 256)
  end
  return string.char(unpack(bytes))
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

-- What is known of a key: the check of its input, and its position ('' where that is not known).
local function findKey(kept, identity)
  for _, generation in ipairs({kept.current, kept.previous}) do
    if generation.keys > 0 then
      local bucket = generation.name .. bucketOf(identity, generation.buckets)
      local value = redis.call('HGET', bucket, identity)
      if value then
        local packed = string.sub(value, CHECK_BYTES + 1)
        return {
          check = string.sub(value, 1, CHECK_BYTES),
          position = unpackPosition(packed, generation.opened),
        }
      end
    end
  end
  return nil
end

local function keepKey(kept, identity, check, position)
  local generation = kept.current
  if generation.keys == 0 then
    generation.opened = clockMs()
  end
  local bucket = generation.name .. bucketOf(identity, generation.buckets)
  redis.call('HSET', bucket, identity, check .. packPosition(position, generation.opened))
  generation.keys = generation.keys + 1
end

local function splitBucket(generation)
  local to = generation.buckets
  local from = generation.name .. (to - powerWithin(to))
  generation.buckets = to + 1
  local held, moving, leaving = redis.call('HGETALL', from), {}, {}
  for i = 1, #held, 2 do
    if bucketOf(held[i], generation.buckets) == to then
      leaving[#leaving + 1] = held[i]
      moving[#moving + 1] = held[i]
      moving[#moving + 1] = held[i + 1]
    end
  end
  if #leaving > 0 then
    redis.call('HSET', generation.name .. to, unpack(moving))
    redis.call('HDEL', from, unpack(leaving))
  end
end

-- Writes the counts down, and makes room for what comes next.
local function writeKept(kept, bucketSize)
  local generation = kept.current
  local function write()
    redis.call('HSET', kept.name, 'number', kept.number, 'buckets', generation.buckets,
      'keys', generation.keys, 'opened', generation.opened, 'sequenced', kept.sequenced)
  end
  write()
  if generation.keys > generation.buckets * bucketSize then
    repeat
      splitBucket(generation)
    until generation.keys <= generation.buckets * bucketSize
    write()
  end
end
