-- id, fence, most attempts, error, anyway. A running job whose lease ran out goes back to its queue,
-- or fails when it has cost too many workers. `anyway` is '1' where its worker is known to be dead.
-- Answers the job's state, or nothing where the lease still holds.
local id, fence, most, failure, anyway = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
if refusal(id, fence) then return nil end
if anyway ~= '1' and tonumber(redis.call('ZSCORE', RUNNING, id)) > now() then return nil end
if tonumber(get(id, 'attempt')) >= most then
  finish(id, 'failed', 'error', failure)
else
  enqueue(id)
end
count('lost ' .. get(id, 'kind'))
return get(id, 'state')
