-- index, place to go on from or '', how many: the records of an owner or of all, newest first.
local from = ARGV[2] == '' and '+' or '(' .. ARGV[2]
local places = redis.call('ZREVRANGEBYLEX', ARGV[1], from, '-', 'LIMIT', 0, ARGV[3])
local records = {}
for index, place in ipairs(places) do
  records[index] = redis.call('HGETALL', key('job', string.sub(place, 19)))
end
return records
