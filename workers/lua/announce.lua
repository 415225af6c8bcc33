-- name, what there is to know of it (JSON): a worker is there. Answers for how long it may go on where it is
-- asked to end, else nothing.
redis.call('HSET', 'merian:workers', ARGV[1], stamp(now()) .. ' ' .. ARGV[2])
return redis.call('HGET', 'merian:drain', ARGV[1])
