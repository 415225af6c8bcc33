-- id, queue limit, owner's limit, idempotency name or '', its fingerprint, its seconds, then the record's
-- fields. Answers {'made' | 'repeated', id}, {'conflict'}, {'full'} or {'owner_full'}.
local id, limit, most, name = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local fingerprint, keep = ARGV[5], ARGV[6]

if redis.call('EXISTS', key('job', id)) == 1 then
  again(id)
  return {'repeated', id}
end

if name ~= '' then
  local earlier = redis.call('HMGET', key('idempotency', name), 'job', 'fingerprint')
  if earlier[1] and redis.call('EXISTS', key('job', earlier[1])) == 1 then
    if earlier[2] ~= fingerprint then return {'conflict'} end
    again(earlier[1])
    return {'repeated', earlier[1]}
  end
end

local fields = {}
for index = 7, #ARGV do fields[#fields + 1] = ARGV[index] end
set(id, unpack(fields))
local owner = get(id, 'owner')
local waiting = key('waiting', owner)
local full = redis.call('ZCARD', key('queue', get(id, 'queue'))) >= limit and 'full'
if not full and redis.call('ZCARD', waiting) >= most then
  -- Before anyone is refused: whatever left the queue by another way does not count.
  for _, other in ipairs(redis.call('ZRANGE', waiting, 0, -1)) do
    if get(other, 'state') ~= 'queued' then redis.call('ZREM', waiting, other) end
  end
  full = redis.call('ZCARD', waiting) >= most and 'owner_full'
end
if full then
  redis.call('DEL', key('job', id))
  return {full}
end

local time = stamp(now())
-- Sorted as text, newest last, exact when two jobs are made in the same microsecond.
local place = string.format('%017d', now() * 1e6) .. ':' .. id
set(id, 'state', 'queued', 'created_at', time, 'published_at', time, 'place', place)
wait(id)
redis.call('ZADD', key('owner', owner), 0, place)
redis.call('ZADD', ALL, 0, place)
if name ~= '' then
  redis.call('HSET', key('idempotency', name), 'job', id, 'fingerprint', fingerprint)
  redis.call('EXPIRE', key('idempotency', name), keep)
  set(id, 'idempotency', name)
end
count('made ' .. get(id, 'kind'))
announce(id, 'state')
return {'made', id}
