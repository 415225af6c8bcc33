-- Buckets, three arguments each: name, how many it holds, seconds in which it fills. One is taken from each, or
-- from none where one is empty. Answers how long to wait (0: taken), then of the bucket that is nearest to empty
-- its place, what is left in it, and the seconds until it is full.
local time = now()
local wait, tightest, left, buckets = 0, 1, math.huge, {}
for place = 1, #ARGV / 3 do
  local name, most, period = ARGV[3 * place - 2], tonumber(ARGV[3 * place - 1]), tonumber(ARGV[3 * place])
  local kept = redis.call('HMGET', key('limit', name), 'level', 'at')
  local level = most
  -- A clock that was set back fills nothing, and takes nothing.
  if kept[1] then level = math.min(most, tonumber(kept[1]) + math.max(0, time - tonumber(kept[2])) * most / period) end
  if level < 1 then wait = math.max(wait, (1 - level) * period / most) end
  if level < left then tightest, left = place, level end
  buckets[place] = {key('limit', name), level, most, period}
end
if wait == 0 then
  left = left - 1
  for _, bucket in ipairs(buckets) do
    redis.call('HSET', bucket[1], 'level', stamp(bucket[2] - 1), 'at', stamp(time))
    redis.call('EXPIRE', bucket[1], math.ceil(bucket[4]) + 1)
  end
end
local tight = buckets[tightest]
return {stamp(wait), tightest, math.floor(left), math.ceil((tight[3] - left) * tight[4] / tight[3])}
