"""Taking a job, if this version understands it; else it is left to a newer worker.

Nothing is written then: no attempt counts, and the job keeps its place. Its message goes to a newer
worker that is there. Where none is, it is gone, and a janitor sends another after 15 s, so that a
job which only newer workers understand costs the older ones a look now and then.
"""

import logging
import time
from contextlib import suppress

from models.options import Options
from models.species.options import IdentifyOptions
from models.style.options import PaintOptions
from models.training.options import TrainOptions
from workers.attempts import Attempt
from workers.counters import count
from workers.fleet import Member, members
from workers.formats import FORMAT
from workers.holders import Holder
from workers.jobs import Job, State
from workers.ledger import JobNotFound
from workers.store import StoreDown
from workers.submit import send
from workers.workshop import Workshop

log = logging.getLogger(__name__)

OPTIONS: dict[str, type[Options]] = {
    "art": PaintOptions, "species": IdentifyOptions, "training": TrainOptions,
}  # fmt: skip
ASIDE = 2.0
"""Seconds in which a newer worker has the messages for itself."""
BESIDE = {"training": {"dataset"}, "dataset": {"title"}}
"""What stands among a job's options that is no option of the model."""


def take(shop: Workshop, id: str) -> Attempt | None:
    """Hold the job for this process; None where it does not wait, or is beyond this version.

    Raises `StoreDown`.
    """
    try:
        job = shop.ledger.get(id)
    except JobNotFound:
        return None
    if job.state is State.QUEUED and (unknown := beyond(job)):
        log.warning("left to a newer worker", extra={"job": id, "unknown": unknown})
        count(shop.ledger.redis, f"newer {job.kind}")
        hand_on(shop, job)
        return None
    return shop.ledger.take(id, str(Holder.here()))


def hand_on(shop: Workshop, job: Job) -> None:
    """The message at once to a newer worker, where one is there.

    Of two that wait for one message the same may be first each time: so this one steps aside.
    """
    with suppress(StoreDown):
        if any(can(each, job) for each in members(shop.ledger)):
            send(shop.ledger, job)
            time.sleep(ASIDE)


def can(member: Member, job: Job) -> bool:
    return FORMAT < job.format <= member.format and not member.going and job.queue in member.queues


def beyond(job: Job) -> str:
    """What this version does not know of a job, "" where it understands all of it."""
    if job.format > FORMAT:
        return f"format {job.format}"
    options = OPTIONS.get(job.kind)
    known = {each.name: each for each in options.describe()} if options else {}
    for name, value in job.options.items():
        if name in BESIDE.get(job.kind, ()):
            continue
        if name not in known:
            return f"option {name}"
        if known[name].choices and value != "" and value not in known[name].choices:
            return f"{name} {value}"
    return ""
