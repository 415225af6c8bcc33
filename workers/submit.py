"""Hand in a job: into the ledger first, then a message that wakes a worker."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from kombu.exceptions import OperationalError

from models.style.options import QUICK
from workers.celery import celery
from workers.fleet import members
from workers.jobs import Job
from workers.ledger import NO_LIMIT, Ledger
from workers.routes import message_queue, wants_gpu
from workers.store import RedisError, StoreDown

log = logging.getLogger(__name__)

TASKS = {
    "art": "workers.tasks.art.paint",
    "species": "workers.tasks.species.identify",
    "dataset": "workers.tasks.datasets.take_in",
    "training": "workers.tasks.training.train",
}
QUEUE_OF = {"species": "quick", "dataset": "slow", "training": "training"}
# What is done in a few seconds does not wait behind what takes minutes.
QUICK_SIZE = 256
# A connection that went stale is replaced once; a broker that is down is left to the janitor.
ONCE_MORE = {"max_retries": 1, "interval_start": 0.0, "interval_step": 0.0}


@dataclass(frozen=True)
class Submitter:
    ledger: Ledger
    queue_limit: int
    owner_limit: int = NO_LIMIT

    def submit(self, job: Job, idempotency: tuple[str, str] | None = None) -> Job:
        """The job as the ledger has it; an earlier one where `idempotency` was seen before.

        Its artifacts must be in the store. Raises `QueueFull`, `OwnerFull`,
        `IdempotencyConflict`, `StoreDown`.
        """
        routed = replace(job, queue=queue_of(job.kind, job.options))
        made = self.ledger.create(routed, self.queue_limit, idempotency, self.owner_limit)
        if made.id == job.id:
            send(self.ledger, made)
        return made


def queue_of(kind: str, options: Mapping[str, Any]) -> str:
    """quick for species and drafts, training for what takes hours, slow for everything else."""
    if kind in QUEUE_OF:
        return QUEUE_OF[kind]
    draft = options.get("painter") in QUICK
    return "quick" if draft and options.get("size", QUICK_SIZE + 1) <= QUICK_SIZE else "slow"


def send(ledger: Ledger, job: Job) -> None:
    """Wake a worker that does such a job best. As `wake`; the job must wait."""
    fleet = []
    with suppress(StoreDown):  # any worker will do, then
        fleet = members(ledger) if wants_gpu(job) else []
    wake(job.id, job.kind, message_queue(job, fleet))


def wake(id: str, kind: str, queue: str) -> None:
    """Send the message. One that cannot be sent is no error: the janitor sends it again."""
    try:
        celery.send_task(TASKS[kind], [id], queue=queue, retry=True, retry_policy=ONCE_MORE)
    except (OperationalError, RedisError, OSError) as failure:
        about = {"job": id, "why": str(failure)}
        log.warning("the message for a job was not sent; the janitor will", extra=about)
