--[[
  Enqueues a job, unless there are too many that are not done.

  KEYS[1] stream: the jobs

  ARGV[1] how many jobs there may be, this one included
  ARGV[2] id
  ARGV[3] data

  Returns the entry; nil when there are too many, and nothing was changed
]]
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then
  return nil
end
return redis.call('XADD', KEYS[1], '*', 'id', ARGV[2], 'data', ARGV[3])
