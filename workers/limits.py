"""How often something may be done: token buckets in Redis, by the server's clock.

A bucket holds so many tokens and fills evenly; whoever does something takes one. So bursts are
possible up to what it holds, and in the long run no more than fills it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from workers.store import Store


@dataclass(frozen=True)
class Bucket:
    """`most` tokens for `name`, filled anew in `seconds`."""

    name: str
    most: int
    seconds: int


@dataclass(frozen=True)
class Verdict:
    """Whether it may be done, and how things stand in the bucket that is nearest to empty."""

    wait: float
    """Seconds until it may be done; 0: it may, and was counted."""
    bucket: Bucket
    left: int
    full_in: int
    """Seconds until the bucket is full again."""

    @property
    def allowed(self) -> bool:
        return self.wait == 0


@dataclass(frozen=True)
class Limits:
    """Raises `StoreDown` where Redis cannot be reached."""

    script: Any

    @classmethod
    def at(cls, redis: Store) -> Self:
        folder = Path(__file__).parent / "lua"
        script = (folder / "prelude.lua").read_text() + (folder / "limit.lua").read_text()
        return cls(redis.register_script(script))

    def take(self, buckets: Sequence[Bucket]) -> Verdict:
        """A token from each bucket, or from none where one of them is empty."""
        flat = [part for each in buckets for part in (each.name, each.most, each.seconds)]
        wait, place, left, full_in = self.script(args=flat)
        return Verdict(float(wait), buckets[int(place) - 1], int(left), int(full_in))
