"""What a model takes for what, as a table: a row a true class, a column a name that was given."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.formats import number
from app.languages import gettext

MOST = 40
"""Classes that are shown side by side."""
LONGEST = 26
"""Letters of a class's name."""
SHADES = 6

Record = Mapping[str, Any]
"""Of a `models.training.metrics.Report`."""


@dataclass(frozen=True)
class Cell:
    """Photographs of one class that were given one name."""

    truth: str
    named: str
    n: int
    shade: int
    """1 to `SHADES`: by its share of the row."""

    @property
    def right(self) -> bool:
        return self.truth == self.named


@dataclass(frozen=True)
class Matrix:
    """`names` are those of rows and columns, each with its shorter form."""

    names: list[tuple[str, str]]
    rows: list[list[Cell | None]]
    cut: str
    """What is missing, in words; "" where nothing is."""


def matrix(report: Record) -> Matrix:
    """Of more than 40 classes, those that are most often confused."""
    classes, shown = report["per_class"], most_confused(report)
    counts = {(true, said): n for true, said, n in report["confusion"]}
    rows = [
        [
            Cell(classes[true]["label"], classes[said]["label"], n, shade(n / classes[true]["n"]))
            if (n := counts.get((true, said)))
            else None
            for said in shown
        ]
        for true in shown
    ]
    labels = [classes[place]["label"] for place in shown]
    return Matrix([(label, shortened(label)) for label in labels], rows, cut(report, len(shown)))


def shade(share: float) -> int:
    return max(1, math.ceil(share * SHADES))


def cut(report: Record, shown: int) -> str:
    there = sum(1 for each in report["per_class"] if each["n"])
    if shown >= there:
        return ""
    sentence = gettext("Only the %(shown)s classes that are most often confused, of %(all)s.")
    return sentence % {"shown": number(shown), "all": number(there)}


def most_confused(report: Record) -> list[int]:
    """Places of the classes to show: those there is anything of, the most mistaken if too many."""
    mistakes: dict[int, int] = {}
    for true, said, n in report["confusion"]:
        for place in (true, said):
            mistakes[place] = mistakes.get(place, 0) + (n if true != said else 0)
    ordered = sorted(mistakes, key=lambda place: (-mistakes[place], place))
    return sorted(ordered[:MOST])


def shortened(name: str) -> str:
    """What tells names apart stands at their beginning and at their end."""
    half = LONGEST // 2
    return name if len(name) <= LONGEST else f"{name[: half - 1]}…{name[-half:]}"
