-- queue, seconds, the broker's lists of it. Jobs that wait without a message: oldest first, no more than are missing.
-- They count as published from now on.
local queue, patience = ARGV[1], tonumber(ARGV[2])
local missing = redis.call('ZCARD', key('queue', queue))
for place = 3, #ARGV do missing = missing - redis.call('LLEN', ARGV[place]) end
if missing <= 0 then return {} end
local waiting = redis.call('ZRANGE', key('queue', queue), 0, -1)
local time, lost = now(), {}
for _, id in ipairs(waiting) do
  if #lost >= missing then break end
  -- A clock that went back makes it a time to come: then, too, a message too many is harmless.
  if math.abs(time - tonumber(get(id, 'published_at'))) > patience then
    set(id, 'published_at', stamp(time))
    lost[#lost + 1] = id
  end
end
return lost
