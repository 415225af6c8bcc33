"""Long work is a generator that yields its steps and returns what came out: two ways to walk it."""

from collections.abc import Callable, Generator
from contextlib import closing
from typing import Generic, TypeVar

Step = TypeVar("Step")
Told = TypeVar("Told")
Found = TypeVar("Found")


class _Walk(Generic[Step, Found]):
    """Steps that remember, once all were walked through, what they `found`."""

    found: Found

    def __init__(self, steps: Generator[Step, None, Found]) -> None:
        self.steps = steps

    def __iter__(self) -> Generator[Step, None, None]:
        self.found = yield from self.steps


def told(
    steps: Generator[Step, None, Found], tell: Callable[[Step], Told]
) -> Generator[Told, None, Found]:
    """Yield what `tell` says of each step; return what the steps return."""
    walk = _Walk(steps)
    with closing(steps):
        for step in walk:
            yield tell(step)
    return walk.found


def outcome(
    steps: Generator[Step, None, Found], watch: Callable[[Step], object] = lambda step: None
) -> Found:
    """Let all steps be done, each shown to `watch`; what they return.

    Where `watch` raises, the steps are left early.
    """
    walk = _Walk(steps)
    with closing(steps):
        for step in walk:
            watch(step)
    return walk.found
