--[[
  How the numbers of producers are remembered, for the scripts it is put in front of; it follows
  kept-keys.lua, and its names are made in the same way.

  A producer gives its jobs the numbers 0, 1, 2, … Those that were applied are bits of pages, strings
  of 4096 numbers each. A page of which nothing is missing, or little while two pages later numbers
  are at work, is folded: its bits go, and what is missing becomes a member of a set, so that nothing
  that was not applied is ever taken for applied. Folded pages that follow each other are a span; its
  end is the producer's high-water mark.

  <name>:sequence:<producer>     hash: from, to (pages of the span), <page> -> how many numbers of it
                                 were applied, or `folded`
  <name>:gaps:<producer>         set: numbers of folded pages that were not applied
  <name>:page:<page>:<producer>  string: the bits of a page that is not folded
  <name>:producers               sorted set: producer -> when a number of it was applied last (ms)
]]
local PAGE = 4096
-- As many as the bits of a page would take room for.
local MOST_GAPS = 64
-- What is counted against the capacity, where a key counts 1: about 40 bytes.
local PAGE_WEIGHT = 16

-- In a function, because most calls of the scripts need none of it.
local function openSequences(kept)
  local function sequenceNames(producer)
    return {
      state = kept.name .. ':sequence:' .. producer,
      gaps = kept.name .. ':gaps:' .. producer,
      producers = kept.name .. ':producers',
      page = function(page)
        return string.format('%s:page:%.0f:%s', kept.name, page, producer)
      end,
    }
  end

  local function locate(names, number)
    local page = math.floor(number / PAGE)
    local field = string.format('%.0f', page)
    local state = redis.call('HMGET', names.state, 'from', 'to', field)
    local within = state[1] and page >= tonumber(state[1]) and page < tonumber(state[2])
    return page, field, within or state[3] == 'folded', state[3]
  end

  local function isApplied(producer, number)
    local names = sequenceNames(producer)
    local page, _, folded, applied = locate(names, tonumber(number))
    if folded then
      return redis.call('SISMEMBER', names.gaps, number) == 0
    end
    return applied and redis.call('GETBIT', names.page(page), tonumber(number) % PAGE) == 1
  end

  local function missingIn(bits, page)
    local missing = {}
    for i = 0, PAGE / 8 - 1 do
      local byte = string.byte(bits, i + 1) or 0
      for bit = 0, byte == 255 and -1 or 7 do
        if math.floor(byte / 2 ^ (7 - bit)) % 2 == 0 then
          missing[#missing + 1] = string.format('%.0f', page * PAGE + i * 8 + bit)
        end
      end
    end
    return missing
  end

  local function fold(names, page)
    local missing = missingIn(redis.call('GET', names.page(page)) or '', page)
    if #missing > 0 then
      redis.call('SADD', names.gaps, unpack(missing))
    end
    redis.call('UNLINK', names.page(page))
    redis.call('HSET', names.state, string.format('%.0f', page), 'folded')
    kept.sequenced = kept.sequenced - PAGE_WEIGHT + #missing
  end

  -- The span takes in the folded pages that follow it; where there is none yet, it begins at `page`.
  local function extendSpan(names, page)
    local span = redis.call('HMGET', names.state, 'from', 'to')
    local from, to = tonumber(span[1] or page), tonumber(span[2] or page)
    local field = string.format('%.0f', to)
    while redis.call('HGET', names.state, field) == 'folded' do
      redis.call('HDEL', names.state, field)
      to = to + 1
      field = string.format('%.0f', to)
    end
    redis.call('HSET', names.state, 'from', string.format('%.0f', from), 'to', field)
  end

  -- Pages two behind one that was just begun: hardly anything of them is still on its way.
  local function foldBehind(names, begun)
    local state = redis.call('HGETALL', names.state)
    for i = 1, #state, 2 do
      local page, applied = tonumber(state[i]), tonumber(state[i + 1])
      if page and applied and page <= begun - 2 and PAGE - applied <= MOST_GAPS then
        fold(names, page)
        extendSpan(names, page)
      end
    end
  end

  local function markApplied(producer, number)
    local names = sequenceNames(producer)
    local page, field, folded = locate(names, tonumber(number))
    redis.call('ZADD', names.producers, clockMs(), producer)
    if folded then
      redis.call('SREM', names.gaps, number)
      kept.sequenced = kept.sequenced - 1
      return
    end
    redis.call('SETBIT', names.page(page), tonumber(number) % PAGE, 1)
    local applied = redis.call('HINCRBY', names.state, field, 1)
    if applied == 1 then
      kept.sequenced = kept.sequenced + PAGE_WEIGHT
      foldBehind(names, page)
    elseif applied == PAGE then
      fold(names, page)
      extendSpan(names, page)
    end
  end

  return {namesOf = sequenceNames, isApplied = isApplied, markApplied = markApplied}
end
