-- Everything that is ours, as of one moment: key, milliseconds it has left to live (0: for ever), and what
-- RESTORE takes. Left out is what a restart makes anew: messages, turns, who is there, open streams.
local found = {}
for _, name in ipairs(redis.call('KEYS', 'merian:*')) do
  local passing = name == HEARD or name == 'merian:streams' or name == 'merian:gpu-memory'
    or name == 'merian:workers' or name == 'merian:drain'
    or string.find(name, '^merian:broker:') or string.find(name, '^merian:turn:')
  if not passing then
    found[#found + 1] = {name, math.max(redis.call('PTTL', name), 0), redis.call('DUMP', name)}
  end
end
return found
