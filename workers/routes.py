"""Which worker a job's message goes to: what is large to one with a GPU, where there is one.

The ledger knows three queues, and a job's place in one of them. Messages of a queue lie in two
lists: any worker of it takes from the one, those with a GPU from both, in turns, so that
neither waits for ever. A message in the wrong list costs time and no job: the ledger gives a job to
one worker, wherever it heard of it.
"""

from collections.abc import Sequence

from models.style.options import QUICK
from workers.celery import BROKER_PREFIX
from workers.census import Census
from workers.fleet import Member
from workers.jobs import GPU, Job
from workers.store import Store

LARGE = 512
"""Pixels of a painting's longer side above which it is worth a GPU; with a heavy painter any."""
LONG_SECONDS = 600.0
"""Who has waited so long for a GPU is painted by whoever has time."""


def wants_gpu(job: Job) -> bool:
    if job.kind == "art" and job.queue != "quick":
        return job.options.get("painter") not in QUICK or int(job.options.get("size", 0)) > LARGE
    return job.kind == "training"


def message_queue(job: Job, fleet: Sequence[Member]) -> str:
    """The queue for the message of a job that waits now."""
    gpus = with_gpu(job.queue, fleet)
    if not (gpus and wants_gpu(job)):
        return job.queue
    room = min((each.memory_bytes for each in gpus if each.memory_bytes), default=None)
    fits = room is None or job.forecast.get("memory_bytes", 0) <= room
    return GPU + job.queue if fits else job.queue


def with_gpu(queue: str, fleet: Sequence[Member]) -> list[Member]:
    return [each for each in fleet if each.takes_work and GPU + queue in each.queues]


def lists_of(queue: str) -> list[str]:
    """Where its messages lie."""
    return [BROKER_PREFIX + name for name in (queue, GPU + queue)]


def give_to_all(redis: Store, census: Census) -> int:
    """Let any worker have what waits for GPUs in vain; how many messages that were.

    All where no GPU is left. One, where the oldest job has waited long and nothing else
    waits: a GPU that hangs, or is long busy, holds up nobody. Raises `StoreDown`.
    """
    moved = 0
    for queue in census.queues:
        plain, special = lists_of(queue.name)
        if not with_gpu(queue.name, census.members):
            while redis.lmove(special, plain, "LEFT", "RIGHT"):  # the oldest comes to lie in front
                moved += 1
        elif (queue.oldest_seconds or 0) > LONG_SECONDS and not redis.llen(plain):
            moved += bool(redis.lmove(special, plain, "RIGHT", "RIGHT"))
    return moved
