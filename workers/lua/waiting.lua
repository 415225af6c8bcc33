-- queue, kind, how many, newest format: ids of the jobs of that kind at the head of the queue, oldest first.
local queue, kind, most, newest = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local found = {}
for _, id in ipairs(redis.call('ZRANGE', key('queue', queue), 0, 4 * most)) do
  if #found >= most then break end
  if get(id, 'kind') == kind and tonumber(get(id, 'format') or 1) <= newest then found[#found + 1] = id end
end
return found
