-- Every running job: id, fence, holder, '1' where its lease ran out.
local held, time = {}, now()
local running = redis.call('ZRANGE', RUNNING, 0, -1, 'WITHSCORES')
for index = 1, #running, 2 do
  local job = redis.call('HMGET', key('job', running[index]), 'fence', 'holder')
  local late = tonumber(running[index + 1]) < time and '1' or '0'
  if job[1] then held[#held + 1] = {running[index], job[1], job[2], late} end
end
return held
