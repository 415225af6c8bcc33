-- seconds. Answers of each worker its name, what it told of itself, and how long ago by the server's clock. One
-- that said nothing for so many seconds, or will have in a time to come, is forgotten.
local time, found = now(), {}
local told = redis.call('HGETALL', 'merian:workers')
for index = 1, #told, 2 do
  local moment, about = string.match(told[index + 1], '^(%S+) (.*)$')
  local silent = time - tonumber(moment)
  if math.abs(silent) > tonumber(ARGV[1]) then
    redis.call('HDEL', 'merian:workers', told[index])
    redis.call('HDEL', 'merian:drain', told[index])
  else
    found[#found + 1] = {told[index], about, stamp(silent)}
  end
end
return found
