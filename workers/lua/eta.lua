-- id: seconds until the job is likely to be done, or nothing where nothing is known.
local id = ARGV[1]

local function typical(job) return tonumber(redis.call('HGET', TYPICAL, get(job, 'work'))) end

local function remaining(job)
  local fraction = cjson.decode(get(job, 'progress')).fraction
  local elapsed = worked(job)
  if fraction >= 0.05 then return elapsed * (1 - fraction) / fraction end
  local usual = typical(job)
  return usual and math.max(usual - elapsed, 0)
end

if get(id, 'state') == 'running' then
  local seconds = remaining(id)
  return seconds and stamp(seconds)
end

local queue, total = get(id, 'queue'), typical(id)
local rank = redis.call('ZRANK', key('queue', queue), id)
if not (total and rank) then return nil end
for _, other in ipairs(redis.call('ZRANGE', RUNNING, 0, -1)) do
  if get(other, 'queue') == queue then total = total + (remaining(other) or 0) end
end
local waiting = redis.call('ZRANGE', key('queue', queue), 0, rank)
for place = 1, rank do total = total + (typical(waiting[place]) or typical(id)) end
return stamp(total)
