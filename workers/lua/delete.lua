-- id: the record, its events and every mention of it.
-- A message that waits behind a thousand others is left: it wakes a worker that finds nothing to do.
local id = ARGV[1]
local job = redis.call('HMGET', key('job', id), 'owner', 'place')
if not job[1] then return 0 end
redis.call('ZREM', key('owner', job[1]), job[2])
redis.call('ZREM', ALL, job[2])
leave(id)
redis.call('ZREM', RUNNING, id)
redis.call('ZREM', FINISHED, id)
local share = get(id, 'share')
if share then redis.call('DEL', key('share', share)) end
local idempotency, queue = get(id, 'idempotency'), get(id, 'queue')
redis.call('DEL', key('job', id), key('events', id))
if idempotency and redis.call('HGET', key('idempotency', idempotency), 'job') == id then
  redis.call('DEL', key('idempotency', idempotency))
end
for _, broker in ipairs({key('broker', queue), key('broker', 'gpu.' .. queue)}) do
  for _, message in ipairs(redis.call('LRANGE', broker, -1000, -1)) do
    if string.find(message, id, 1, true) then redis.call('LREM', broker, 1, message) end
  end
end
return 1
