--[[
  What is known of an idempotency key, in either generation at one moment, or of the number that its
  producer gave it. kept-keys.lua and sequences.lua stand in front of it.

  KEYS[1] hash: what is kept

  ARGV[1] digest of the key (16 bytes)
  ARGV[2] producer; '' for none
  ARGV[3] number

  Returns the effect's stream id, '' where it is not known, or nil when the job is not known
]]
local kept = readKept(KEYS[1])
if ARGV[2] == '' then
  local known = findKey(kept, bucketOf(kept.current, ARGV[1]), ARGV[1])
  return known and known.position
end
return openSequences(kept).isApplied(ARGV[2], ARGV[3]) and ''
