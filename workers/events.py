"""What happened to a job, as a Redis stream: written by the ledger's scripts, read from any id on.

A stream keeps about its last 500 events and goes with its job.
"""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from workers.store import Store

BEGINNING = "0-0"
# Shorter than the connection's timeout, or waiting would look like a server that is gone.
LONGEST_WAIT_MS = 5000


class Event(NamedTuple):
    """`id` orders events and is what a reader goes on from. `type` is state, progress or preview.

    `data` is small: state, version, attempt, progress, preview, error.
    """

    id: str
    type: str
    data: dict[str, Any]


@dataclass(frozen=True)
class EventLog:
    redis: Store

    def read(self, job_id: str, after_id: str = BEGINNING, block_ms: int = 0) -> list[Event]:
        """Events after `after_id`, oldest first; waits up to `block_ms` (at most 5000) for one."""
        answer: Any = self.redis.xread(
            {f"merian:events:{job_id}": after_id},
            count=500,
            block=min(block_ms, LONGEST_WAIT_MS) or None,
        )
        entries = answer[0][1] if answer else []
        return [Event(id, fields["type"], json.loads(fields["data"])) for id, fields in entries]

    def last(self, job_id: str) -> str:
        """The id of the newest event; `BEGINNING` where there is none."""
        newest: Any = self.redis.xrevrange(f"merian:events:{job_id}", count=1)
        return newest[0][0] if newest else BEGINNING
