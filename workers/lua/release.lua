-- id, fence: the job goes back to its queue, and the attempt does not count.
local id, fence = ARGV[1], ARGV[2]
local refused = refusal(id, fence)
if refused then return refused end
redis.call('HINCRBY', key('job', id), 'attempt', -1)
enqueue(id)
return nil
