-- id, fence, state, field, value, label of the work. Answers nothing, or why it is refused.
local id, fence, state, field, value, work = unpack(ARGV)

local job = redis.call('HMGET', key('job', id), 'state', 'fence')
if job[1] == state and job[2] == fence then
  again(id)
  return nil
end
local refused = refusal(id, fence)
if refused then return refused end
heard(id)
clock('took ' .. get(id, 'kind'), now() - tonumber(get(id, 'started_at')))
if state == 'succeeded' then
  local seconds = worked(id)
  local before = tonumber(redis.call('HGET', TYPICAL, work) or seconds)
  redis.call('HSET', TYPICAL, work, string.format('%.3f', 0.7 * before + 0.3 * seconds))
end
finish(id, state, field, value)
return nil
