"""The clock, with paintings that take as long as we say."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from benchmarks.methods import Method, method_called
from benchmarks.pairs import Pair
from benchmarks.records import Records
from benchmarks.studio import Studio, every_step
from benchmarks.timing import time_all
from models.style import search

PAIR = Pair(Path("cat.jpg"), Path("waves.jpg"))


class Clockwork:
    """A studio whose steps take half a second, and the first of a painting ten."""

    def __init__(self) -> None:
        self.time = 0.0
        self.painted: list[str] = []

    def now(self) -> float:
        return self.time

    def paint(self, method: Method, pair: Pair, size: int) -> Iterator[Any]:
        self.painted.append(method.name)
        steps = 500 if method.patient else 20
        for step in range(1, steps + 1):
            self.time += 10.0 if step == 1 else 0.5
            yield SimpleNamespace(step=step, steps=steps)


def test_ours_are_timed_whole_and_baselines_by_some_evaluations() -> None:
    studio, records, said = Clockwork(), Records(), []
    methods = [method_called("light"), method_called("paper-lbfgs")]
    time_all(cast(Studio, studio), records, [PAIR], 64, methods, said.append)
    (record,) = records.all
    assert record["seconds"] == pytest.approx({"light": 10.0 + 19 * 0.5, "paper-lbfgs": 250.0})
    assert studio.painted == ["light", "paper-lbfgs"] * 2  # once to warm up
    time_all(cast(Studio, studio), records, [PAIR], 64, methods, said.append)
    assert len(records.all) == len(said) == 1


def test_a_painting_of_every_step_is_patient() -> None:
    usual = search.PATIENCE
    with every_step():
        assert search.PATIENCE > 500
    assert usual == search.PATIENCE
