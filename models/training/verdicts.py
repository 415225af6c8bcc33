"""What a model made of each photograph that it was measured with, and which of them to look at.

Imports no torch.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.training.examples import Example

ANSWERS = 3
"""First answers that are told of a photograph."""


@dataclass(frozen=True)
class Verdict:
    """One photograph, and what the model said of it."""

    example: Example
    answers: tuple[tuple[str, float], ...]
    """Labels and their probabilities, 0..1, the most probable first; at least one."""

    @property
    def named(self) -> str:
        return self.answers[0][0]

    @property
    def right(self) -> bool:
        return self.named == self.example.label


def verdicts(
    examples: Sequence[Example], labels: Sequence[str], probabilities: npt.NDArray[np.float64]
) -> list[Verdict]:
    """Of each example, from its row of the classes' probabilities (n, classes)."""
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :ANSWERS]
    return [
        Verdict(example, tuple((labels[place], float(row[place])) for place in places))
        for example, row, places in zip(examples, probabilities, best, strict=True)
    ]


def worth_showing(found: Iterable[Verdict], right: int) -> Iterator[Verdict]:
    """The mistakes, then `right` of each class that it named rightly.

    Every way of being mistaken comes once before any comes twice, the surest of each first: who
    stops early has seen of all a little.
    """
    turns: Counter[tuple[str, str]] = Counter()
    told = []
    for each in sorted(found, key=lambda each: -each.answers[0][1]):
        cell = each.example.label, each.named
        told.append((each.right, turns[cell], each))
        turns[cell] += 1
    for is_right, turn, each in sorted(told, key=lambda place: place[:2]):
        if not is_right or turn < right:
            yield each
