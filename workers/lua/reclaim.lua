-- id, fence, most attempts, error, mark. A running job whose worker is lost goes back to its queue, or
-- fails when it has cost too many workers. `mark` is the one that was seen, '' where its worker is known
-- to be dead: the clock has no say, since it may jump.
-- Answers the job's state, or nothing where the lease was renewed since.
local id, fence, most, failure, mark = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
if refusal(id, fence) then return nil end
if mark ~= '' and redis.call('ZSCORE', RUNNING, id) ~= mark then return nil end
if tonumber(get(id, 'attempt')) >= most then
  finish(id, 'failed', 'error', failure)
else
  enqueue(id)
end
count('lost ' .. get(id, 'kind'))
return get(id, 'state')
