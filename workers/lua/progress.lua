-- id, fence, lease seconds, progress, preview. Without progress it only renews the lease.
-- Answers nothing, or why the attempt may not go on.
local id, fence, lease, progress, preview = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]

local refused = refusal(id, fence)
if refused then return refused end
heard(id)
redis.call('ZADD', RUNNING, now() + lease, id)
if progress ~= '' then
  set(id, 'progress', progress)
  if preview ~= '' then set(id, 'preview', preview) end
  announce(id, preview ~= '' and 'preview' or 'progress')
end
return nil
