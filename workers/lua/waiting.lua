-- queue, kind, how many: ids of the jobs of that kind at the head of the queue, oldest first.
local queue, kind, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local found = {}
for _, id in ipairs(redis.call('ZRANGE', key('queue', queue), 0, 4 * most)) do
  if #found >= most then break end
  if get(id, 'kind') == kind then found[#found + 1] = id end
end
return found
