"""How far a network is to be trusted: fitted on photographs it was chosen by, told of others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from models.training.calibration import Fitted, Floats, Whole, cross_fitted, fit, softmax
from models.training.metrics import Report

WORTH = 10
"""Photographs below which measuring says nothing."""


@dataclass(frozen=True)
class Held:
    """Photographs that were not learnt from, as the network saw them."""

    logits: Floats
    """(n, classes), the mean over views."""
    truth: Whole
    """(n,)"""
    groups: Sequence[str]
    familiarity: Floats | None
    """(n,)"""

    @classmethod
    def of(
        cls, logits: torch.Tensor, truth: torch.Tensor, groups: Sequence[str],
        familiarity: torch.Tensor | None,
    ) -> "Held":  # fmt: skip
        known = None if familiarity is None else familiarity.double().cpu().numpy()
        return cls(logits.double().cpu().numpy(), truth.cpu().numpy(), groups, known)


@dataclass(frozen=True)
class Judgement:
    """What a card says of a network's honesty. Shares are 0..1."""

    fitted: Fitted
    report: Report
    probabilities: Floats
    """(n, classes) of the photographs that it was measured with, in the order of their split."""
    measured_on: str
    """test; or val, where there was none apart: each half of it by what the other half fitted."""
    coverage: float | None
    """Share of prediction sets that hold the truth."""
    empty: float | None
    """Share of prediction sets that are empty."""
    kept: float | None
    """Share that is not rejected as unfamiliar."""

    def metrics(self) -> dict[str, float]:
        """The figures that a card leads with."""
        report = self.report
        told = {
            "n": report.n, "top1": report.top1, "top5": report.top5,
            "macro_top1": report.macro_top1, "ece": report.ece, "coverage": self.coverage,
            "empty_sets": self.empty, "kept": self.kept,
        }  # fmt: skip
        return {name: round(float(value), 4) for name, value in told.items() if value is not None}


def judged(labels: Sequence[str], val: Held, test: Held | None, seed: int) -> Judgement | None:
    """None where there is next to nothing to measure with."""
    if test is None or len(test.truth) < WORTH:
        return judged_by_halves(labels, val, seed) if len(val.truth) >= WORTH else None
    fitted = fit(val.logits, val.truth, val.familiarity)
    probabilities = softmax(test.logits, fitted.temperature)
    sets = None if fitted.conformal is None else probabilities >= fitted.conformal
    known = test.familiarity
    kept = None if known is None or fitted.familiar is None else known >= fitted.familiar
    return Judgement(
        fitted, Report.of_probabilities(probabilities, test.truth, labels), probabilities, "test",
        coverage=None if sets is None else mean(sets[np.arange(len(sets)), test.truth]),
        empty=None if sets is None else mean(~sets.any(axis=1)),
        kept=None if kept is None else mean(kept),
    )  # fmt: skip


def judged_by_halves(labels: Sequence[str], val: Held, seed: int) -> Judgement:
    """Fitted on one half and measured on the other, both ways; what is kept is fitted on all."""
    both = cross_fitted(val.logits, val.truth, val.groups, val.familiarity, seed=seed)
    report = Report.of_probabilities(both.probabilities, val.truth, labels)
    return Judgement(
        both.fitted, report, both.probabilities, "val", both.coverage, both.empty, both.kept
    )


def mean(values: Any) -> float:
    return float(np.mean(values))
