"""Long work is a generator that yields its steps and returns what came out: two ways to walk it."""

from collections.abc import Callable, Generator
from contextlib import closing
from typing import TypeVar

Step = TypeVar("Step")
Told = TypeVar("Told")
Found = TypeVar("Found")


def told(
    steps: Generator[Step, None, Found], tell: Callable[[Step], Told]
) -> Generator[Told, None, Found]:
    """Yield what `tell` says of each step; return what the steps return."""
    with closing(steps):
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                found: Found = end.value
                return found
            yield tell(step)


def outcome(
    steps: Generator[Step, None, Found], watch: Callable[[Step], object] = lambda step: None
) -> Found:
    """Let all steps be done, each shown to `watch`; what they return.

    Where `watch` raises, the steps are left early.
    """
    with closing(steps):
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                found: Found = end.value
                return found
            watch(step)
