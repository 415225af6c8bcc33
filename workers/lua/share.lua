-- id, digest of a new link's token or '' for no link any more, 1 where the photographs are seen with it.
-- Whatever link there was ends. Answers whether there is such a job.
local id, digest, photographs = unpack(ARGV)
if redis.call('EXISTS', key('job', id)) == 0 then return 0 end
local before = get(id, 'share')
if before then redis.call('DEL', key('share', before)) end
if digest == '' then
  redis.call('HDEL', key('job', id), 'share', 'share_photographs')
else
  redis.call('SET', key('share', digest), id)
  set(id, 'share', digest, 'share_photographs', photographs)
end
redis.call('HINCRBY', key('job', id), 'version', 1)
return 1
