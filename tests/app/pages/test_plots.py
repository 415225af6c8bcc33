"""Plots: what they draw is where the numbers say, and nothing in them breaks the pages' policy."""

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup

from app.pages.plots import by_confidence, curves, reliability
from app.pages.svg import ticks
from models.training.metrics import Report

WORDS = {
    word: word for word in (
        "title", "confidence", "accuracy", "photographs", "share", "cutoff", "top1", "top5",
        "epoch", "loss", "training", "validation",
    )
}  # fmt: skip
EPOCHS = [
    {"epoch": 1, "train_loss": 2.0, "val_loss": 1.5, "train_top1": 0.4, "val_top1": 0.5},
    {"epoch": 2, "train_loss": 1.0, "val_loss": 1.25, "train_top1": 0.7, "val_top1": None},
    {"epoch": 3, "train_loss": 0.5, "val_loss": 1.0, "train_top1": 0.9, "val_top1": 0.75},
]


def record(rows: Any, truth: Any, labels: Any) -> dict[str, Any]:
    return Report.of_probabilities(rows, truth, labels).record()


TWO = record([[0.9, 0.1], [0.9, 0.1], [0.3, 0.7], [0.6, 0.4]], [0, 0, 1, 1], ["ash", "<b>&\"'"])


def drawn(svg: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(str(svg))


def classed(svg: Markup, name: str) -> list[ElementTree.Element]:
    return [each for each in drawn(svg).iter() if name in each.get("class", "").split()]


def texts(svg: Markup) -> list[str]:
    return [each.text or "" for each in classed(svg, "label")]


def told(element: ElementTree.Element) -> str:
    return element.findtext("title") or ""


ALL = [reliability(TWO, WORDS), by_confidence(TWO, WORDS), curves(EPOCHS, WORDS)]


@pytest.mark.parametrize("svg", ALL)
def test_a_picture_that_the_policy_lets_through(svg: Markup) -> None:
    whole = drawn(svg)
    assert whole.tag == "svg" and whole.get("role") == "img" and whole.findtext("title") == "title"
    assert len((whole.get("viewBox") or "").split()) == 4
    names = set().union(*(each.attrib for each in whole.iter()))
    assert not any(name == "style" or name.startswith("on") or "href" in name for name in names)
    assert {each.tag for each in whole.iter()} <= {
        "svg", "title", "text", "line", "polyline", "rect", "circle",
    }  # fmt: skip


@pytest.mark.parametrize("svg", ALL)
def test_nothing_lies_outside(svg: Markup) -> None:
    whole = drawn(svg)
    _, _, width, height = map(float, (whole.get("viewBox") or "").split())
    for each in whole.iter():
        for axis, most in (("x", width), ("y", height)):
            for name in (axis, f"{axis}1", f"{axis}2", f"c{axis}"):
                assert 0.0 <= float(each.get(name, "0")) <= most


def test_where_it_is_as_right_as_sure_dots_lie_on_the_diagonal() -> None:
    bins = [{"confidence": None, "accuracy": None, "n": 0}] * 15
    bins[4] = {"confidence": 0.3, "accuracy": 0.3, "n": 1}
    bins[14] = {"confidence": 0.95, "accuracy": 0.95, "n": 100}
    svg = reliability({"reliability": bins}, WORDS)
    (ideal,) = classed(svg, "diagonal")
    x1, y1, x2, y2 = (float(ideal.get(name, "")) for name in ("x1", "y1", "x2", "y2"))
    few, many = classed(svg, "dot")
    for dot, share in ((few, 0.3), (many, 0.95)):
        assert float(dot.get("cx", "")) == pytest.approx(x1 + share * (x2 - x1), abs=0.02)
        assert float(dot.get("cy", "")) == pytest.approx(y1 + share * (y2 - y1), abs=0.02)
    assert float(few.get("r", "")) < float(many.get("r", ""))
    assert told(many) == "confidence 95%, accuracy 95%, 100 photographs"
    bars = classed(svg, "bar")
    assert len(bars) == 2
    foot = float(bars[1].get("y", "")) + float(bars[1].get("height", ""))
    assert foot == pytest.approx(y1, abs=0.02)


def test_accuracy_over_what_is_kept() -> None:
    svg = by_confidence(TWO, WORDS)
    # Kept: four, of which three are right; without 0.6 three of three; without 0.7 two of two.
    (line,) = [each for each in classed(svg, "top1") if each.tag == "polyline"]
    places = [tuple(map(float, each.split(","))) for each in (line.get("points") or "").split()]
    assert len(places) == sum(each["top1"] is not None for each in TWO["by_confidence"]) == 19
    across, down = zip(*places, strict=True)
    assert list(across) == sorted(across, reverse=True) and len(set(across)) == 3
    assert len(set(down)) == 2 and down[0] == max(down)  # y goes down: the worst is the lowest
    assert {"60%", "80%", "100%", "share", "accuracy", "top1", "top5"} <= set(texts(svg))
    assert told(classed(svg, "top1")[-2]).startswith("cutoff 90%: 50%, top1 100%")


def test_nothing_is_right() -> None:
    assert "0%" in texts(by_confidence(record([[0.9, 0.1]], [1], ["a", "b"]), WORDS))


def test_curves_of_what_is_known() -> None:
    svg = curves(EPOCHS, WORDS)
    lines = [each for each in classed(svg, "line") if each.tag == "polyline"]
    kinds = [(each.get("class"), len((each.get("points") or "").split())) for each in lines]
    assert kinds == [("line train", 3), ("line val", 3), ("line train", 3), ("line val", 2)]
    assert {"epoch", "loss", "accuracy", "training", "validation", "1", "2", "3"} <= set(texts(svg))


@pytest.mark.parametrize("points", [[], EPOCHS[:1], [{"epoch": 1, "train_loss": 0.0}]])
def test_curves_that_have_hardly_begun(points: Any) -> None:
    svg = curves(points, WORDS)
    assert not [each for each in drawn(svg).iter() if each.tag == "polyline"]
    known = sum(name in point for point in points for name in point) - len(points)
    assert len([each for each in drawn(svg).iter() if each.tag == "circle"]) == known


@given(st.floats(-100, 100), st.floats(1e-3, 1e6), st.integers(2, 8))
@example(0.5, 4.02, 2)
def test_ticks_are_round_and_within(low: float, span: float, most: int) -> None:
    high = low + span
    found = ticks(low, high, most)
    assert 1 <= len(found) <= most + 1
    step = found[1] - found[0] if len(found) > 1 else span
    assert all(low - 1e-6 * step <= each <= high + 1e-6 * step for each in found)


def test_ticks_of_familiar_scales() -> None:
    assert ticks(0.0, 1.0) == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert ticks(0.8, 1.0) == pytest.approx([0.8, 0.85, 0.9, 0.95, 1.0])
    assert ticks(1.0, 24.0, 6) == [5.0, 10.0, 15.0, 20.0]
