"""The canary: goes the way of every job, and says that it came through."""

from workers.canaries import TASK, came_through
from workers.celery import celery
from workers.workshop import workshop


@celery.task(name=TASK)  # type: ignore[untyped-decorator]
def sing(queue: str) -> None:
    """One message: the worker of `queue` takes work."""
    came_through(workshop().ledger.redis, queue)
