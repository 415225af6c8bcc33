-- id, digest or '', seconds. Answers the time and then the fields of a key. That it was used is noted where the
-- digest is right, or none is asked for, but not more often than every so many seconds.
local id, digest, pause = ARGV[1], ARGV[2], tonumber(ARGV[3])
local time = now()
local known = redis.call('HMGET', key('key', id), 'digest', 'expires', 'used')
if not known[1] then return {stamp(time)} end
local fresh = known[2] == '' or tonumber(known[2]) > time
if fresh and (digest == '' or digest == known[1]) and (known[3] == '' or time - tonumber(known[3]) >= pause) then
  redis.call('HSET', key('key', id), 'used', stamp(time))
end
return {stamp(time), unpack(redis.call('HGETALL', key('key', id)))}
