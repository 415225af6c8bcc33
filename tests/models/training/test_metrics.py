"""The report, against numbers counted by hand and against plain definitions in plain Python."""

import json
import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.metrics import NothingToMeasure, Report

LABELS = "ash", "beech", "cedar", "damson"
PROBABILITIES = [
    [0.70, 0.20, 0.06, 0.04],  # ash, right
    [0.68, 0.22, 0.06, 0.04],  # a beech called ash
    [0.10, 0.80, 0.06, 0.04],  # beech, right
    [0.10, 0.35, 0.30, 0.25],  # a cedar called beech
    [0.10, 0.20, 0.30, 0.40],  # a cedar called damson
    [0.25, 0.25, 0.25, 0.25],  # ash: of equal ones the first
]
TRUTH = [0, 1, 1, 2, 2, 0]


def report(probabilities: Any = PROBABILITIES, truth: Any = TRUTH, labels: Any = LABELS) -> Any:
    return Report.of_probabilities(probabilities, truth, labels).record()


def test_worked_by_hand() -> None:
    found = report()
    assert found["n"] == 6
    assert found["top1"] == 0.5  # 3 of 6
    assert found["top5"] == 1.0  # four classes: all are among the first five
    assert found["macro_top1"] == 0.5  # ash 2 of 2, beech 1 of 2, cedar 0 of 2, of damson none
    # 0.70 and 0.68 share a bin, (0.667, 0.733]: |0.5 - 0.69| twice; then 0.80: 1 - 0.8;
    # 0.35 and 0.40 share (0.333, 0.4]: |0 - 0.375| twice; 0.25: 1 - 0.25
    assert found["ece"] == round((0.38 + 0.2 + 0.75 + 0.75) / 6, 4)
    losses = [-math.log(p) for p in (0.70, 0.22, 0.80, 0.30, 0.30, 0.25)]
    assert found["log_loss"] == pytest.approx(sum(losses) / 6, abs=5e-5)
    first = 0.3**2 + 0.2**2 + 0.06**2 + 0.04**2
    assert report(PROBABILITIES[:1], [0])["brier"] == pytest.approx(first, abs=5e-5)


def test_classes_and_what_is_taken_for_what() -> None:
    found = report()
    assert found["per_class"] == [
        {"label": "ash", "n": 2, "right": 2, "recall": 1.0, "precision": 0.6667},
        {"label": "beech", "n": 2, "right": 1, "recall": 0.5, "precision": 0.5},
        {"label": "cedar", "n": 2, "right": 0, "recall": 0.0, "precision": None},
        {"label": "damson", "n": 0, "right": 0, "recall": None, "precision": 0.0},
    ]
    assert found["confusion"] == [[0, 0, 2], [1, 0, 1], [1, 1, 1], [2, 1, 1], [2, 3, 1]]


def test_confidence_on_the_edge_of_a_bin_and_of_a_cutoff() -> None:
    found = report([[0.4, 0.3, 0.3], [0.8, 0.1, 0.1]], [0, 0], LABELS[:3])
    filled = [place for place, each in enumerate(found["reliability"]) if each["n"]]
    assert filled == [5, 11]  # (5/15, 6/15] and (11/15, 12/15]
    by_cutoff = {each["cutoff"]: each for each in found["by_confidence"]}
    assert by_cutoff[0.8] == {"cutoff": 0.8, "share": 0.5, "top1": 1.0, "top5": 1.0}
    assert by_cutoff[0.85] == {"cutoff": 0.85, "share": 0.0, "top1": None, "top5": None}
    assert list(by_cutoff) == [round(0.05 * step, 2) for step in range(20)]


def test_a_truth_that_is_held_impossible_costs_a_number() -> None:
    found = report([[1.0, 0.0]], [1], LABELS[:2])
    assert 30 < found["log_loss"] < 40 and found["brier"] == 2.0


def test_many_classes_do_not_become_a_million_numbers() -> None:
    found = report(np.eye(1000)[:7], range(7), [f"species {n}" for n in range(1000)])
    assert len(found["confusion"]) == 7 and len(json.dumps(found)) < 100_000


def test_the_first_five_of_many() -> None:
    chances = [[0.3, 0.2, 0.15, 0.14, 0.13, 0.08]] * 2
    assert report(chances, [4, 5], [*LABELS, "elm", "fir"])["top5"] == 0.5


def test_nothing_to_measure() -> None:
    with pytest.raises(NothingToMeasure, match="no photographs"):
        report(np.zeros((0, 4)), [])


@st.composite
def answers(draw: st.DrawFn) -> tuple[list[list[float]], list[int]]:
    classes = draw(st.integers(1, 8))
    # Twentieths, so that confidences lie on cut-offs and on edges, and are often equal.
    weights = st.lists(st.integers(0, 20), min_size=classes, max_size=classes)
    rows = draw(st.lists(weights.filter(lambda row: sum(row) > 0), min_size=1, max_size=30))
    truth = draw(st.lists(st.integers(0, classes - 1), min_size=len(rows), max_size=len(rows)))
    return [[weight / sum(row) for weight in row] for row in rows], truth


@given(answers())
def test_against_plain_counting(given_answers: tuple[list[list[float]], list[int]]) -> None:
    rows, truth = given_answers
    classes = len(rows[0])
    found = Report.of_probabilities(rows, truth, [str(place) for place in range(classes)])
    ranked = [sorted(range(classes), key=lambda place, row=row: -row[place]) for row in rows]
    sure = [max(row) for row in rows]
    first = [places[0] == true for places, true in zip(ranked, truth, strict=True)]
    among = [true in places[:5] for places, true in zip(ranked, truth, strict=True)]
    assert found.top1 == pytest.approx(sum(first) / len(rows))
    assert found.top5 == pytest.approx(sum(among) / len(rows))
    recalls = [
        sum(hit for hit, true in zip(first, truth, strict=True) if true == each) / truth.count(each)
        for each in set(truth)
    ]
    assert found.macro_top1 == pytest.approx(sum(recalls) / len(recalls))
    error = 0.0
    for number in range(15):
        inside = [
            place for place, p in enumerate(sure) if number / 15 < p <= (number + 1) / 15
        ]  # fmt: skip
        if inside:
            gap = sum(first[place] for place in inside) - sum(sure[place] for place in inside)
            error += abs(gap) / len(rows)
    assert found.ece == pytest.approx(error)
    for step, each in enumerate(found.by_confidence):
        kept = [place for place, p in enumerate(sure) if p >= step / 20]
        assert each.share == pytest.approx(len(kept) / len(rows))
        if kept:
            assert each.top1 == pytest.approx(sum(first[place] for place in kept) / len(kept))
            assert each.top5 == pytest.approx(sum(among[place] for place in kept) / len(kept))
        else:
            assert each.top1 is None and each.top5 is None
    cells = Counter((true, places[0]) for places, true in zip(ranked, truth, strict=True))
    assert {(true, said): n for true, said, n in found.confusion} == cells
    json.dumps(found.record(), allow_nan=False)
