"""How the queues stand, told in one look however many jobs there are."""

from dataclasses import dataclass

from workers.fleet import Member, members
from workers.jobs import QUEUES
from workers.ledger import Ledger

FRESH_SECONDS = 35.0
"""Three canaries and some: one that is late is no alarm."""


@dataclass(frozen=True)
class Queue:
    """One queue. Seconds by the store's clock; None where there is nothing to say."""

    name: str
    waiting: int
    oldest_seconds: float | None
    """That the job at its head has waited."""
    heard_seconds: float | None
    """Since its worker was heard of (workers/canaries.py)."""
    running: int = 0
    members: tuple[Member, ...] = ()
    """Its workers that tell of themselves; those of before that was written do not."""

    @property
    def is_consumed(self) -> bool:
        """Whether a worker takes what is handed in now: one that is going, or too old, does not."""
        heard = self.heard_seconds is not None and self.heard_seconds < FRESH_SECONDS
        return heard and (not self.members or any(each.takes_work for each in self.members))


@dataclass(frozen=True)
class Census:
    queues: tuple[Queue, ...]
    running: int
    members: tuple[Member, ...] = ()

    @property
    def consumed(self) -> dict[str, bool]:
        """Whether each queue has a worker that takes work."""
        return {each.name: each.is_consumed for each in self.queues}


def take_census(ledger: Ledger) -> Census:
    """Raises `StoreDown`."""
    *told, running = ledger.scripts["census"](args=QUEUES)
    there = tuple(members(ledger))
    queues = (
        Queue(
            name, int(waiting), seconds(oldest), seconds(heard), int(held),
            tuple(each for each in there if name in each.queues),
        )
        for name, (waiting, oldest, heard, held) in zip(QUEUES, told, strict=True)
    )  # fmt: skip
    return Census(tuple(queues), int(running), there)


def seconds(text: str) -> float | None:
    return float(text) if text else None
