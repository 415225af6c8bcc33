-- id, fence, lease seconds, progress, preview, and where it goes on with earlier attempts' work, the
-- seconds that this took ("": no news of that), and the size that is painted at.
-- Without progress it only renews the lease.
-- Answers nothing, or why the attempt may not go on.
local id, fence, lease, progress, preview = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]

local refused = refusal(id, fence)
if refused then return refused end
heard(id)
redis.call('ZADD', RUNNING, now() + lease, id)
if ARGV[6] and ARGV[6] ~= '' then set(id, 'worked', ARGV[6]) end
if progress ~= '' then
  set(id, 'progress', progress)
  if preview ~= '' then set(id, 'preview', preview) end
  announce(id, preview ~= '' and 'preview' or 'progress', tonumber(ARGV[7] or 0))
end
return nil
