"""Whether each queue has a worker that takes work: not a process that is there, one that consumes.

A worker is heard of whenever it takes a job, tells how far it is or ends one (`lua/prelude.lua`).
Where nothing is to be done, a canary goes through the queue as any message does, and the child that
works says that it came through.
"""

import logging
import sys

from kombu.exceptions import OperationalError

from workers.celery import BROKER_PREFIX, celery
from workers.census import Census
from workers.store import Store

log = logging.getLogger(__name__)

TASK = "workers.tasks.canary.sing"
HEARD = "merian:heard"
GPU_MEMORY = "merian:gpu-memory"
"""Bytes by queue, of workers whose device is a GPU."""
QUIET_SECONDS = 8.0
"""Whoever was heard of within this needs no canary."""


def send_canaries(redis: Store, census: Census) -> None:
    """One down each queue that is silent and empty. Raises `StoreDown`.

    Where jobs wait, the worker that takes one is heard of. Where a message waits, a canary behind
    it would say no more, and would make a message that was lost look like one that is there.
    """
    for each in census.queues:
        quiet = each.heard_seconds is None or each.heard_seconds > QUIET_SECONDS
        if quiet and not each.waiting and not redis.llen(BROKER_PREFIX + each.name):
            send_canary(each.name)


def send_canary(queue: str) -> None:
    try:
        celery.send_task(TASK, [queue], queue=queue, retry=False)
    except (OperationalError, OSError) as failure:
        log.warning("a canary was not sent", extra={"queue": queue, "why": str(failure)})


def came_through(redis: Store, queue: str) -> None:
    """Said by the child that works on `queue`. Raises `StoreDown`."""
    now, micro = redis.time()
    redis.hset(HEARD, queue, f"{now + micro / 1e6:.6f}")
    used = gpu_memory()
    if used is not None:
        redis.hset(GPU_MEMORY, queue, used)


def gpu_memory() -> int | None:
    """Bytes that this process holds on its GPUs; None where it uses none."""
    torch = sys.modules.get("torch")  # never loaded for this: the web imports this module
    if torch is None or not torch.cuda.is_available() or not torch.cuda.is_initialized():
        return None
    devices = range(torch.cuda.device_count())
    return sum(int(torch.cuda.memory_reserved(each)) for each in devices)
