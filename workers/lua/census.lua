-- The names of queues. Answers for each: how many wait, seconds that the oldest waited, seconds since its
-- worker was heard of ('' for neither), how many of it run; then how many run in all.
local time, answer, running = now(), {}, {}
for _, id in ipairs(redis.call('ZRANGE', RUNNING, 0, -1)) do
  local queue = get(id, 'queue')
  if queue then running[queue] = (running[queue] or 0) + 1 end
end
for _, queue in ipairs(ARGV) do
  local oldest = redis.call('ZRANGE', key('queue', queue), 0, 0, 'WITHSCORES')
  local last = redis.call('HGET', HEARD, queue)
  answer[#answer + 1] = {
    redis.call('ZCARD', key('queue', queue)),
    oldest[2] and stamp(math.max(time - tonumber(oldest[2]), 0)) or '',
    last and stamp(math.max(time - tonumber(last), 0)) or '',
    running[queue] or 0,
  }
end
answer[#answer + 1] = redis.call('ZCARD', RUNNING)
return answer
