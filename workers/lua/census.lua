-- The names of queues. Answers for each: how many wait, seconds that the oldest waited, seconds since its
-- worker was heard of ('' for neither); then how many run.
local time, answer = now(), {}
for _, queue in ipairs(ARGV) do
  local oldest = redis.call('ZRANGE', key('queue', queue), 0, 0, 'WITHSCORES')
  local last = redis.call('HGET', HEARD, queue)
  answer[#answer + 1] = {
    redis.call('ZCARD', key('queue', queue)),
    oldest[2] and stamp(math.max(time - tonumber(oldest[2]), 0)) or '',
    last and stamp(math.max(time - tonumber(last), 0)) or '',
  }
end
answer[#answer + 1] = redis.call('ZCARD', RUNNING)
return answer
