-- id, holder, lease seconds, progress at the start. Answers the record, or nothing where there is nothing to take.
local id, holder, lease = ARGV[1], ARGV[2], tonumber(ARGV[3])
local job = redis.call('HMGET', key('job', id), 'state', 'holder')

if job[1] == 'queued' then
  local time = now()
  redis.call('HINCRBY', key('job', id), 'fence', 1)
  redis.call('HINCRBY', key('job', id), 'attempt', 1)
  leave(id)
  redis.call('ZADD', RUNNING, time + lease, id)
  set(id, 'state', 'running', 'holder', holder, 'started_at', stamp(time), 'progress', ARGV[4],
    'worked', '0')
  announce(id, 'state')
  -- Given back by a worker, it waits anew.
  local since = get(id, get(id, 'attempt') == '1' and 'created_at' or 'published_at')
  clock('waited ' .. get(id, 'queue'), time - tonumber(since))
  heard(id)
elseif job[1] ~= 'running' or job[2] ~= holder then
  return nil
else  -- The same holder asks twice where the first answer was lost on the way.
  again(id)
end
return redis.call('HGETALL', key('job', id))
