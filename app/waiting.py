"""A caller that would rather wait a little than ask again: the Prefer header of RFC 7240."""

import re
import time

from flask import request

from app.services import services
from workers.events import BEGINNING
from workers.jobs import Job, State

WAIT = re.compile(r'(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?', re.IGNORECASE)
LONGEST = 60
"""Seconds that an answer is kept open at most: proxies hang up on longer ones."""


def preferred_wait() -> int:
    """Seconds that this request's caller would wait for the result: 0 where it does not say."""
    found = WAIT.search(", ".join(request.headers.getlist("Prefer")))
    return min(int(found[1]), LONGEST) if found else 0


def wait_until_over(job: Job, seconds: float) -> Job:
    """The job as it is when it is over, or as it stands after `seconds`."""
    deadline, after = time.monotonic() + seconds, BEGINNING
    with services().channels.joined(job.id) as channel:
        while (left := deadline - time.monotonic()) > 0:
            for event in channel.after(after, left):
                after = event.id
                if State(event.data["state"]).over:
                    return services().ledger.get(job.id)
    return services().ledger.get(job.id)
