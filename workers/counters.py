"""What has happened so often, counted for all processes and across restarts in one hash.

A field is a name and its labels with spaces between: `ended art succeeded`. The scripts in `lua/`
count in the same step in which they change a job; what no script sees is counted by `count`.
"""

from contextlib import suppress

from workers.store import Store, StoreDown

KEY = "merian:counted"
BOUNDS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 14400)
"""Seconds that durations are sorted by; the same stand in lua/prelude.lua."""


def count(redis: Store, field: str, by: float = 1) -> None:
    """A store that is away loses a count and nothing else."""
    with suppress(StoreDown):
        redis.hincrbyfloat(KEY, field, by)


def counted(redis: Store) -> dict[tuple[str, ...], float]:
    """Every count by its name and labels. Raises `StoreDown`."""
    found: dict[str, str] = redis.hgetall(KEY)  # type: ignore[assignment]
    return {tuple(field.split(" ")): float(number) for field, number in found.items()}
