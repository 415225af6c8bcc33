-- id, queue limit, idempotency name or '', its fingerprint, its seconds, then the record's fields.
-- Answers {'made' | 'repeated', id}, {'conflict'} or {'full'}.
local id, limit, name, fingerprint, keep = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]

if redis.call('EXISTS', key('job', id)) == 1 then return {'repeated', id} end

if name ~= '' then
  local earlier = redis.call('HMGET', key('idempotency', name), 'job', 'fingerprint')
  if earlier[1] and redis.call('EXISTS', key('job', earlier[1])) == 1 then
    if earlier[2] ~= fingerprint then return {'conflict'} end
    return {'repeated', earlier[1]}
  end
end

local fields = {}
for index = 6, #ARGV do fields[#fields + 1] = ARGV[index] end
set(id, unpack(fields))
local queue = key('queue', get(id, 'queue'))
if redis.call('ZCARD', queue) >= limit then
  redis.call('DEL', key('job', id))
  return {'full'}
end

local time = stamp(now())
-- Sorted as text, newest last, exact when two jobs are made in the same microsecond.
local place = string.format('%017d', now() * 1e6) .. ':' .. id
set(id, 'state', 'queued', 'created_at', time, 'published_at', time, 'place', place)
redis.call('ZADD', queue, time, id)
redis.call('ZADD', key('owner', get(id, 'owner')), 0, place)
redis.call('ZADD', ALL, 0, place)
if name ~= '' then
  redis.call('HSET', key('idempotency', name), 'job', id, 'fingerprint', fingerprint)
  redis.call('EXPIRE', key('idempotency', name), keep)
  set(id, 'idempotency', name)
end
count('made ' .. get(id, 'kind'))
announce(id, 'state')
return {'made', id}
