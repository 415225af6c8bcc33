"""What a model taught here is worth, in figures and in plots, and how it came about."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from app.formats import rate
from app.languages import gettext
from app.pages import plots
from app.pages.matrix import matrix
from models.species.card import Card

Record = Mapping[str, Any]
PROMISED = 0.95
"""What prediction sets are fitted to hold."""
TOP = 5
"""Among so many answers the right one is counted as found; of as few classes it always is."""


def about(card: Card) -> dict[str, Any]:
    """What the page of a model says of its worth; of one that was not taught here, figures only."""
    told = {"figures": figures(card.metrics, len(card.classes))}
    report = card.evaluation
    if not report:
        return told
    return told | {
        "reliability": plots.reliability(report, words(gettext("How sure it is, and how right"))),
        "by_confidence": plots.by_confidence(
            report, words(gettext("How right it is on what it is surest of"))
        ),
        "matrix": matrix(report),
        "per_class": sorted(
            (each for each in report["per_class"] if each["n"]),
            key=lambda each: (each["recall"], each["label"]),
        ),
    }


def words(title: str) -> dict[str, str]:
    """What plots say, in the page's language."""
    return {
        "title": title,
        "confidence": gettext("How sure"),
        "accuracy": gettext("Named rightly"),
        "photographs": gettext("photographs"),
        "share": gettext("Share of the photographs kept"),
        "cutoff": gettext("At least so sure:"),
        "top1": gettext("first answer"),
        "top5": gettext("among five"),
        "epoch": gettext("Epoch"),
        "loss": gettext("Loss"),
        "training": gettext("learned from"),
        "validation": gettext("not learned from"),
    }


def figures(metrics: Mapping[str, float], classes: int) -> list[tuple[str, str, str]]:
    """What is measured, how much it is, and what that means."""
    told = {
        "top1": (gettext("First answer right"), gettext("of all photographs")),
        "top5": (gettext("Right among five"), gettext("the right one is among the first five")),
        "macro_top1": (
            gettext("Class by class"),
            gettext("the mean over the classes: rare ones count as much as common ones"),
        ),
        "ece": (
            gettext("Calibration error"),
            gettext("how far off it is about how sure it may be: 0 is honest"),
        ),
        "coverage": (
            gettext("Sets that hold the right one"),
            gettext("of the lists of likely answers; they are made for %(share)s")
            % {"share": rate(PROMISED)},
        ),
        "kept": (
            gettext("Recognised as known"),
            gettext("of its own species; the others were rejected as unfamiliar"),
        ),
        "answered": (
            gettext("Answered"),
            gettext("of the photographs that it was tried with, be it with a wider group"),
        ),
        "right_when_answered": (
            gettext("Right when answered"),
            gettext("of these answers, at the rank that it gave"),
        ),
        "known_species_rejected": (
            gettext("Known species rejected"),
            gettext("of photographs of what it knows got no name"),
        ),
    }
    return [
        (title, rate(metrics[name]), meaning)
        for name, (title, meaning) in told.items()
        if name in metrics and not (name == "top5" and classes <= TOP)
    ]


def curves_of(points: Sequence[Record]) -> Markup | str:
    """The plot of a training's curves, "" before the first epoch."""
    if not points:
        return ""
    return plots.curves(numbered(points), words(gettext("Loss and accuracy, epoch by epoch")))


def numbered(points: Sequence[Record]) -> list[Record]:
    """Where everything was taught after the last layer, that layer is epoch 0, as it was then."""
    full = [point for point in points if point["phase"] == "full"]
    head = [point for point in points if point["phase"] == "head"]
    if not full:
        return head
    return [*({**point, "epoch": 0} for point in head[-1:]), *full]
