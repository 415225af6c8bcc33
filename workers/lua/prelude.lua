-- Shared by every script: keys, the server's clock, and the one way in which a job changes.
-- Times come from the server (TIME), so that hosts whose clocks differ agree about leases.

local function key(kind, name) return 'merian:' .. kind .. ':' .. name end

local RUNNING = 'merian:running'    -- job id, scored by the end of its lease
local ALL = 'merian:all'            -- the place of every job
local FINISHED = 'merian:finished'  -- job id, scored by when it ended
local TYPICAL = 'merian:typical'    -- seconds that a kind of work takes, a moving average
local COUNTED = 'merian:counted'    -- see workers/counters.py
local HEARD = 'merian:heard'        -- when a worker of each queue last did something
local EVENTS_KEPT = 500
local EVENTS_LEFT = 24               -- of a job that is over, beside its states
local BOUNDS = {1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 14400}

local function now()
  local time = redis.call('TIME')
  return tonumber(time[1]) + tonumber(time[2]) / 1e6
end

local function stamp(seconds) return string.format('%.6f', seconds) end

local function get(id, name) return redis.call('HGET', key('job', id), name) end

-- Seconds that a running job's work took: of this attempt, and of those that it goes on with.
local function worked(id)
  local job = redis.call('HMGET', key('job', id), 'worked', 'started_at')
  return tonumber(job[1] or 0) + now() - tonumber(job[2])
end

local function set(id, ...) redis.call('HSET', key('job', id), ...) end

local function count(field, by) redis.call('HINCRBYFLOAT', COUNTED, field, by or 1) end

-- A duration counts in the first bound that it does not pass, and in the sum of all.
local function clock(name, seconds)
  local place = 'more'
  for _, bound in ipairs(BOUNDS) do
    if seconds <= bound then place = bound break end
  end
  count(name .. ' ' .. place)
  count(name .. ' sum', stamp(seconds))
end

-- The worker of this job's queue is at work.
local function heard(id) redis.call('HSET', HEARD, get(id, 'queue'), stamp(now())) end

-- Every change raises the version and tells whoever listens. `type` is state, progress or preview.
local function announce(id, type, scale)
  local version = redis.call('HINCRBY', key('job', id), 'version', 1)
  local seen = redis.call('HMGET', key('job', id), 'state', 'progress', 'preview', 'attempt', 'error')
  if scale and scale > 0 then seen[2] = string.sub(seen[2], 1, -2) .. ',"scale":' .. scale .. '}' end
  local data = '{"state":"' .. seen[1] .. '","version":' .. version .. ',"attempt":' .. seen[4]
    .. ',"progress":' .. seen[2] .. ',"preview":' .. seen[3] .. ',"error":' .. seen[5] .. '}'
  if type == 'preview' then count('previews ' .. get(id, 'kind')) end
  redis.call('XADD', key('events', id), 'MAXLEN', '~', EVENTS_KEPT, '*', 'type', type, 'data', data)
end

-- Said twice, done once: what is only written again makes the server wait for its replicas again (`Store.sure`).
local function again(id) redis.call('HSET', key('job', id), 'id', id) end

-- Why an attempt may not write: nil when it may.
local function refusal(id, fence)
  local job = redis.call('HMGET', key('job', id), 'state', 'fence')
  if not job[1] then return 'gone' end
  if job[1] == 'cancelled' then return 'cancelled' end
  if job[1] ~= 'running' or job[2] ~= fence then
    count('refused ' .. get(id, 'kind'))
    return 'lost'
  end
  return nil
end

-- Into the queue and out of it, together with the list of what its owner has waiting.
local function wait(id)
  local job = redis.call('HMGET', key('job', id), 'queue', 'created_at', 'owner')
  redis.call('ZADD', key('queue', job[1]), job[2], id)
  redis.call('ZADD', key('waiting', job[3]), job[2], id)
end

local function leave(id)
  local job = redis.call('HMGET', key('job', id), 'queue', 'owner')
  redis.call('ZREM', key('queue', job[1]), id)
  redis.call('ZREM', key('waiting', job[2]), id)
end

-- Of a job that is over, its states and evenly some of what came between: enough to draw how it went. Entries
-- keep their ids, so that a reader goes on. Written anew, for an entry that is deleted from a stream frees nothing.
local function thin(id)
  local events, between = key('events', id), 0
  local told = redis.call('XRANGE', events, '-', '+')
  for _, entry in ipairs(told) do
    if entry[2][2] ~= 'state' then between = between + 1 end
  end
  if between <= EVENTS_LEFT then return end
  redis.call('DEL', events)
  local place = 0
  for _, entry in ipairs(told) do
    local keep = entry[2][2] == 'state'
    if not keep then
      place = place + 1
      keep = math.floor(place * EVENTS_LEFT / between) > math.floor((place - 1) * EVENTS_LEFT / between)
    end
    if keep then redis.call('XADD', events, entry[1], unpack(entry[2])) end
  end
end

local function enqueue(id)
  redis.call('ZREM', RUNNING, id)
  wait(id)
  set(id, 'state', 'queued', 'holder', '', 'published_at', stamp(now()))
  announce(id, 'state')
end

local function finish(id, state, ...)
  local time = now()
  redis.call('ZREM', RUNNING, id)
  leave(id)
  redis.call('ZADD', FINISHED, time, id)
  count('ended ' .. get(id, 'kind') .. ' ' .. state)
  set(id, 'state', state, 'holder', '', 'finished_at', stamp(time), ...)
  announce(id, 'state')
  thin(id)
end
