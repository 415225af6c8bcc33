"""Predictions of another program: ten of them counted by hand, and files that are wrong."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.predictions import Predictions, PredictionsError, read_predictions

TEN: list[tuple[str, list[str], list[float]]] = [
    # truth, labels, probabilities
    ("a", ["a", "b", "c", "d", "e"], [0.97, 0.01, 0.01, 0.005, 0.005]),  # right
    ("a", ["a", "b", "c", "d", "e"], [0.90, 0.04, 0.03, 0.01, 0.01]),  # right
    ("b", ["a", "b", "c", "d", "e"], [0.85, 0.10, 0.02, 0.01, 0.01]),  # second
    ("b", ["b", "a", "c", "d", "e"], [0.80, 0.10, 0.05, 0.03, 0.02]),  # right
    ("c", ["c", "a", "b", "d", "e"], [0.62, 0.20, 0.10, 0.05, 0.03]),  # right
    ("c", ["a", "b", "d", "e", "c"], [0.55, 0.20, 0.10, 0.08, 0.05]),  # fifth
    ("c", ["c", "a", "b", "d", "e"], [0.50, 0.20, 0.10, 0.10, 0.05]),  # right
    ("d", ["c", "a", "b", "e", "f"], [0.40, 0.20, 0.10, 0.10, 0.05]),  # not among them
    ("d", ["d", "a", "b"], [0.33, 0.20, 0.10]),  # right; a short row
    ("e", ["a", "b", "c", "d", "f", "e"], [0.20, 0.18, 0.16, 0.14, 0.12, 0.10]),  # sixth
]
BY_CONFIDENCE = [
    # cut-off, kept, right first, right among five
    *((cutoff, 10, 6, 8) for cutoff in (0.0, 0.05, 0.1, 0.15, 0.2)),
    *((cutoff, 9, 6, 8) for cutoff in (0.25, 0.3)),  # without the one of 0.20
    *((cutoff, 8, 5, 7) for cutoff in (0.35, 0.4)),  # nor that of 0.33, which is right
    *((cutoff, 7, 5, 7) for cutoff in (0.45, 0.5)),  # nor 0.40, which is wrong
    (0.55, 6, 4, 6),  # nor 0.50, right
    (0.6, 5, 4, 5),  # nor 0.55, right among five only
    *((cutoff, 4, 3, 4) for cutoff in (0.65, 0.7, 0.75, 0.8)),  # nor 0.62, right
    (0.85, 3, 2, 3),  # nor 0.80, right
    (0.9, 2, 2, 2),  # nor 0.85, right among five only
    (0.95, 1, 1, 1),  # nor 0.90, right
]


def written(folder: Path, found: Any) -> Path:
    path = folder / "theirs.json"
    path.write_text(found if isinstance(found, str) else json.dumps(found))
    return path


def theirs(rows: Any = TEN, **changed: Any) -> dict[str, Any]:
    truth, labels, probabilities = (list(each) for each in zip(*rows, strict=True))
    return {"pred_lab": labels, "pred_prob": probabilities, "true_lab": truth} | changed


def test_ten_worked_by_hand(tmp_path: Path) -> None:
    found = read_predictions(written(tmp_path, theirs())).report().record()
    assert found["n"] == 10
    assert (found["top1"], found["top5"]) == (0.6, 0.8)  # 6 and 8 of 10
    # a 2 of 2, b 1 of 2, c 2 of 3, d 1 of 2, e 0 of 1
    assert found["macro_top1"] == round((1 + 1 / 2 + 2 / 3 + 1 / 2 + 0) / 5, 4) == 0.5333
    # Each has a bin of its own. Right: 1 - p. Wrong: p.
    right = 0.03 + 0.10 + 0.20 + 0.38 + 0.50 + 0.67
    wrong = 0.85 + 0.55 + 0.40 + 0.20
    assert found["ece"] == round((right + wrong) / 10, 4) == 0.388
    assert found["log_loss"] is None and found["brier"] is None
    assert found["by_confidence"] == [
        {
            "cutoff": cutoff, "share": kept / 10,
            "top1": round(first / kept, 4), "top5": round(among / kept, 4),
        }
        for cutoff, kept, first, among in BY_CONFIDENCE
    ]  # fmt: skip
    assert [each["label"] for each in found["per_class"]] == ["a", "b", "c", "d", "e", "f"]
    # a: 2 of its own, 1 of b, 1 of c, 1 of e; c: 2 of its own, 1 of d
    assert found["per_class"][0] == {
        "label": "a", "n": 2, "right": 2, "recall": 1.0, "precision": 0.4,
    }  # fmt: skip
    assert found["confusion"] == [
        [0, 0, 2], [1, 0, 1], [1, 1, 1], [2, 0, 1], [2, 2, 2], [3, 2, 1], [3, 3, 1], [4, 0, 1],
    ]  # fmt: skip


def test_numbers_are_labels_too(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"pred_lab": [[10, 9], [9.0]], "pred_prob": [[0.9, 0.1], [1]], "true_lab": ["10", 10]},
    )
    found = read_predictions(path)
    assert found.classes == ("9", "10")
    assert found.report().top1 == 0.5


def test_a_row_that_is_not_in_order_is_put_in_order(tmp_path: Path) -> None:
    path = written(tmp_path, theirs([("b", ["a", "b", "c"], [0.2, 0.7, 0.1])]))
    assert read_predictions(path) == Predictions((("b", "a", "c"),), (0.7,), ("b",))


def test_no_answer_is_a_wrong_answer(tmp_path: Path) -> None:
    path = written(tmp_path, theirs([("a", [], []), ("a", ["a"], [0.9])]))
    report = read_predictions(path).report()
    assert (report.top1, report.top5, report.confusion) == (0.5, 0.5, ((0, 0, 1),))
    assert [each.share for each in report.by_confidence[:2]] == [1.0, 0.5]


@pytest.mark.parametrize(
    ("found", "complaint"),
    [
        ("{", "theirs.json is not JSON"),
        ("[]", "not a JSON object with pred_lab, pred_prob, true_lab"),
        ({"pred_lab": [["a"]], "pred_prob": [[1.0]]}, "theirs.json has no list true_lab"),
        (theirs(true_lab="aabbcccdde"), "has no list true_lab"),
        (theirs(true_lab=["a"] * 9), r"not of one length \(pred_lab 10, .*, true_lab 9\)"),
        (theirs(pred_lab=[], pred_prob=[], true_lab=[]), "has no predictions"),
        (theirs(pred_lab=["a"] * 10), "photograph 1: pred_lab and pred_prob must each be a list"),
        (theirs([*TEN[:2], ("a", ["a", "b"], [0.9])]), r"photograph 3: .* length \(2 and 1\)"),
        (theirs([("a", ["a"], [1.2])]), "photograph 1: the probability 1.2 is not between"),
        (theirs([("a", ["a"], [-0.1])]), "the probability -0.1 is not between 0 and 1"),
        (theirs([("a", ["a"], [math.nan])]), "the probability nan is not between"),
        (theirs([("a", ["a"], ["0.9"])]), "the probability '0.9' is not between"),
        (theirs([("a", [None], [0.9])]), "the label None of pred_lab is neither"),
        (theirs([(["a"], ["a"], [0.9])]), "of true_lab is neither a whole number nor a name"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, found: Any, complaint: str) -> None:
    with pytest.raises(PredictionsError, match=complaint):
        read_predictions(written(tmp_path, found))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PredictionsError, match=r"gone\.json cannot be read"):
        read_predictions(tmp_path / "gone.json")


ROW = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8).flatmap(
    lambda labels: st.tuples(
        st.sampled_from("abcdefgh"),
        st.just(labels),
        st.lists(st.integers(0, 20).map(lambda n: n / 20), min_size=len(labels),
                 max_size=len(labels)).map(lambda row: sorted(row, reverse=True)),
    )
)  # fmt: skip


@given(st.lists(ROW, min_size=1, max_size=20))
def test_against_plain_counting(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, list[str], list[float]]]
) -> None:
    path = written(tmp_path_factory.getbasetemp(), theirs(rows))
    found = read_predictions(path).report()
    assert found.top1 == pytest.approx(sum(row[:1] == [true] for true, row, _ in rows) / len(rows))
    assert found.top5 == pytest.approx(sum(true in row[:5] for true, row, _ in rows) / len(rows))
    for each in found.by_confidence:
        kept = [(true, row) for true, row, sure in rows if (sure or [0.0])[0] >= each.cutoff]
        assert each.share == pytest.approx(len(kept) / len(rows))
        if kept:
            right = sum(row[:1] == [true] for true, row in kept)
            assert each.top1 == pytest.approx(right / len(kept))
            among = sum(true in row[:5] for true, row in kept)
            assert each.top5 == pytest.approx(among / len(kept))
