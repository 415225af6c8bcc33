-- id: the record, its events and every mention of it.
local id = ARGV[1]
local job = redis.call('HMGET', key('job', id), 'owner', 'place')
if not job[1] then return 0 end
redis.call('ZREM', key('owner', job[1]), job[2])
redis.call('ZREM', ALL, job[2])
leave(id)
redis.call('ZREM', RUNNING, id)
redis.call('ZREM', FINISHED, id)
redis.call('DEL', key('job', id), key('events', id))
return 1
