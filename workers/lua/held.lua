-- Every running job: id, fence, holder, and its mark, which each renewal of the lease changes.
local held = {}
local running = redis.call('ZRANGE', RUNNING, 0, -1, 'WITHSCORES')
for index = 1, #running, 2 do
  local job = redis.call('HMGET', key('job', running[index]), 'fence', 'holder')
  if job[1] then held[#held + 1] = {running[index], job[1], job[2], running[index + 1]} end
end
return held
