"""How good a model is, and whether it knows how good it is: one report for every source of answers.

All that is measured here is measured on ranked labels and the confidence in the first of them, so
that probabilities of ours and predictions of others go through the same definitions. No torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

TOP = 5
NONE = -1
"""In ranked labels: a place that is not taken."""
BINS = 15
CUTOFFS = tuple(step / 20 for step in range(20))
SMALLEST = float(np.finfo(np.float64).eps)
"""A truth that is given less probability costs no more: the loss stays a number."""


class NothingToMeasure(ValueError):
    """A report was asked for without any photograph."""


@dataclass(frozen=True)
class ClassShare:
    """How one class fares. What has nothing to be a share of is None."""

    label: str
    n: int
    """Photographs of it."""
    right: int
    said: int
    """Photographs that were given its name, rightly or not."""

    @property
    def recall(self) -> float | None:
        return self.right / self.n if self.n else None

    @property
    def precision(self) -> float | None:
        return self.right / self.said if self.said else None

    def record(self) -> dict[str, Any]:
        return {
            "label": self.label, "n": self.n, "right": self.right,
            "recall": rounded(self.recall), "precision": rounded(self.precision),
        }  # fmt: skip


@dataclass(frozen=True)
class Bin:
    """Photographs of about one confidence. An empty one has no means."""

    confidence: float | None
    """The mean, 0..1."""
    accuracy: float | None
    """The share that is right, 0..1."""
    n: int

    def record(self) -> dict[str, Any]:
        return {
            "confidence": rounded(self.confidence), "accuracy": rounded(self.accuracy), "n": self.n,
        }  # fmt: skip


@dataclass(frozen=True)
class Cutoff:
    """The photographs whose confidence is at least `cutoff` (Heredia, arXiv:1706.03736, fig. 3)."""

    cutoff: float
    share: float
    """Of all photographs, 0..1."""
    top1: float | None
    """Among those; None where there are none."""
    top5: float | None

    def record(self) -> dict[str, Any]:
        return {
            "cutoff": self.cutoff, "share": rounded(self.share),
            "top1": rounded(self.top1), "top5": rounded(self.top5),
        }  # fmt: skip


@dataclass(frozen=True)
class Report:
    """What a model did on photographs whose names are known. Shares are 0..1."""

    n: int
    top1: float
    top5: float
    """The truth is among the first five, or among all where there are fewer classes."""
    macro_top1: float
    """The mean recall of the classes that there are photographs of: rare ones count as much."""
    ece: float
    """Expected calibration error: the mean gap between confidence and accuracy."""
    reliability: tuple[Bin, ...]
    """The bins of the calibration error, of equal width, from confidence 0 to 1."""
    by_confidence: tuple[Cutoff, ...]
    per_class: tuple[ClassShare, ...]
    confusion: tuple[tuple[int, int, int], ...]
    """Truth, first answer (places in `per_class`) and how many, where there are any."""
    log_loss: float | None = None
    """In nats; None where not all probabilities are known, as for the next."""
    brier: float | None = None
    """0..2 (Brier 1950, all classes)."""

    @classmethod
    def of_probabilities(
        cls, probabilities: npt.ArrayLike, truth: npt.ArrayLike, labels: Sequence[str]
    ) -> Self:
        """From each class's probability (n, classes), and the truth (n,) as places in `labels`.

        Among equal probabilities the earlier class comes first. Raises `NothingToMeasure`.
        """
        given = np.asarray(probabilities, dtype=np.float64).reshape(-1, len(labels))
        right = np.asarray(truth, dtype=np.int64)
        ranks = np.argsort(-given, axis=1, kind="stable")[:, :TOP]
        at_truth = given[np.arange(len(right)), right]
        return cls.of_ranks(
            ranks, given.max(axis=1, initial=0.0), right, labels,
            log_loss=float(mean(-np.log(np.maximum(at_truth, SMALLEST)))),
            brier=float(mean((given**2).sum(axis=1) - 2 * at_truth + 1)),
        )  # fmt: skip

    @classmethod
    def of_ranks(
        cls,
        ranks: npt.ArrayLike,
        confidences: npt.ArrayLike,
        truth: npt.ArrayLike,
        labels: Sequence[str],
        *,
        log_loss: float | None = None,
        brier: float | None = None,
    ) -> Self:
        """From ranked answers (n, k), best first, as places in `labels`, `NONE` where rows end.

        `confidences` (n,) are the first answers' probabilities, `truth` (n,) places in `labels`.
        A row without any answer is wrong and in no cell of the confusion. Raises
        `NothingToMeasure`.
        """
        places = np.asarray(ranks, dtype=np.int64)
        sure = np.asarray(confidences, dtype=np.float64)
        right = np.asarray(truth, dtype=np.int64)
        if not len(right):
            raise NothingToMeasure("There are no photographs to measure with.")
        hits = places[:, :TOP] == right[:, None]
        first, among = hits[:, 0], hits.any(axis=1)
        per_class = by_class(places[:, 0], right, labels)
        bins = reliability(sure, first)
        return cls(
            n=len(right), top1=float(first.mean()), top5=float(among.mean()),
            macro_top1=mean([each.recall for each in per_class if each.recall is not None]),
            ece=expected_calibration_error(bins), reliability=bins,
            by_confidence=tuple(above(cutoff, sure, first, among) for cutoff in CUTOFFS),
            per_class=per_class, confusion=confusion(places[:, 0], right),
            log_loss=log_loss, brier=brier,
        )  # fmt: skip

    def record(self) -> dict[str, Any]:
        """As programs read it, and as pages draw it."""
        return {
            "n": self.n,
            "top1": rounded(self.top1),
            "top5": rounded(self.top5),
            "macro_top1": rounded(self.macro_top1),
            "ece": rounded(self.ece),
            "log_loss": rounded(self.log_loss),
            "brier": rounded(self.brier),
            "by_confidence": [each.record() for each in self.by_confidence],
            "reliability": [each.record() for each in self.reliability],
            "per_class": [each.record() for each in self.per_class],
            "confusion": [list(cell) for cell in self.confusion],
        }


def by_class(said: Whole, truth: Whole, labels: Sequence[str]) -> tuple[ClassShare, ...]:
    """Of every class, in the order of `labels`."""
    classes = len(labels)
    counts = np.bincount(truth, minlength=classes)
    right = np.bincount(truth[said == truth], minlength=classes)
    named = np.bincount(said[said != NONE], minlength=classes)
    rows = zip(labels, counts.tolist(), right.tolist(), named.tolist(), strict=True)
    return tuple(ClassShare(*row) for row in rows)


def reliability(confidences: Floats, right: npt.NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Bins ((b-1)/15, b/15]; a confidence of 0 goes into the first."""
    inside = np.searchsorted(np.arange(1, BINS) / BINS, confidences, side="left")
    return tuple(
        Bin(float(confidences[chosen].mean()), float(right[chosen].mean()), int(chosen.sum()))
        if chosen.any()
        else Bin(None, None, 0)
        for chosen in (inside == place for place in range(BINS))
    )


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Guo et al., On calibration of modern neural networks, arXiv:1706.04599, equation 3."""
    gaps = [
        each.n * abs(each.accuracy - each.confidence)
        for each in bins
        if each.accuracy is not None and each.confidence is not None
    ]
    return sum(gaps) / sum(each.n for each in bins)


def above(
    cutoff: float, confidences: Floats, first: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_]
) -> Cutoff:
    kept = confidences >= cutoff
    if not kept.any():
        return Cutoff(cutoff, 0.0, None, None)
    shares = kept.mean(), first[kept].mean(), among[kept].mean()
    return Cutoff(cutoff, *map(float, shares))


def confusion(said: Whole, truth: Whole) -> tuple[tuple[int, int, int], ...]:
    """Only what there is: a thousand classes would have a million cells."""
    pairs = np.stack([truth, said], axis=1)[said != NONE]
    cells, counts = np.unique(pairs, axis=0, return_counts=True)
    return tuple(
        (true, first, n) for (true, first), n in zip(cells.tolist(), counts.tolist(), strict=True)
    )


def mean(values: npt.ArrayLike) -> float:
    found = np.asarray(values, dtype=np.float64)
    return float(found.mean()) if found.size else 0.0


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
