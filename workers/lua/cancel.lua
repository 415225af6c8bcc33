-- id. Cancelled at once; the worker learns it when it next writes. Answers false where there is no such job.
local id = ARGV[1]
local state = get(id, 'state')
if state == 'queued' or state == 'running' then finish(id, 'cancelled') elseif state then again(id) end
return state
