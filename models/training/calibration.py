"""What makes a network's scores honest: a temperature, prediction sets, and when to say nothing.

All of it is fitted on photographs that the network did not learn from, and what it promises holds
for photographs that come about in the same way. No torch.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

COLDEST, HOTTEST = 0.05, 20.0
SPREAD = 0.5
"""How far log T is from 0 before any photograph was seen, as a standard deviation."""
COVERAGE = 0.95
KEEP = 0.97
GRID = 17
PRECISION = 1e-5
GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Fitted:
    """Everything that is fitted on held-out photographs."""

    temperature: float
    """Logits are divided by it."""
    conformal: float | None
    """Prediction sets take the classes that are at least so probable; None: too few photographs."""
    familiar: float | None
    """Photographs that are less familiar are rejected; None: how familiar they are is not known."""
    n: int
    """Photographs it was fitted on."""


@dataclass(frozen=True)
class CrossFitted:
    """What calibration is worth on photographs that it was not fitted on, from one split."""

    fitted: Fitted
    """On all photographs: what to use from now on."""
    probabilities: Floats
    """(n, classes): each photograph's by the temperature of the half that it is not in."""
    coverage: float | None
    """Share of prediction sets that hold the truth, 0..1; None where no half could promise."""
    empty: float | None
    """Share of prediction sets that are empty."""
    kept: float | None
    """Share of the known that was not rejected, 0..1."""


def fit(
    logits: Floats,
    truth: Whole,
    familiarity: Floats | None = None,
    *,
    coverage: float = COVERAGE,
    keep: float = KEEP,
) -> Fitted:
    """From logits (n, classes), truth (n,) and how familiar (n,) held-out photographs are."""
    temperature = fit_temperature(logits, truth)
    return Fitted(
        temperature=temperature,
        conformal=fit_conformal(softmax(logits, temperature), truth, coverage),
        familiar=None if familiarity is None else fit_rejection(familiarity, keep),
        n=len(truth),
    )


def fit_temperature(logits: Floats, truth: Whole) -> float:
    """The T in 0.05..20 that makes the truth most probable (Guo et al., arXiv:1706.04599, 4.2).

    T has a weak log-normal prior around 1: it is worth about as much as four photographs (1 /
    SPREAD²). It keeps T near 1 where there are hardly any, and away from 0 where all are right.
    """
    at_truth = logits[np.arange(len(truth)), truth]

    def cost(log_temperature: float) -> float:
        temperature = math.exp(log_temperature)
        losses = (energies(logits, temperature) - at_truth) / temperature
        return float(losses.sum()) + log_temperature**2 / (2 * SPREAD**2)

    return math.exp(minimum(cost, math.log(COLDEST), math.log(HOTTEST)))


def minimum(cost: Callable[[float], float], low: float, high: float) -> float:
    """Where `cost` is least: golden section in the best place of a grid."""
    grid = np.linspace(low, high, GRID).tolist()
    best = min(range(GRID), key=lambda place: cost(grid[place]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, GRID - 1)]
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = cost(left), cost(right)
    while high - low > PRECISION:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = cost(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = cost(right)
    return (low + high) / 2


def fit_conformal(probabilities: Floats, truth: Whole, coverage: float = COVERAGE) -> float | None:
    """The probability from which a class is in the set: least ambiguous sets that hold the truth
    with a chance of at least `coverage` (Sadinle, Lei and Wasserman 2019, arXiv:1609.00451).

    Split conformal: of the probabilities (n, classes), those of the truth, the ceil((n + 1) *
    coverage)-th largest. None where n is too small to promise it (below 19 for 0.95).
    """
    count = math.ceil((len(truth) + 1) * coverage - 1e-9)  # for 100 * 0.07 is above 7
    if count > len(truth):
        return None
    at_truth = np.sort(probabilities[np.arange(len(truth)), truth])
    return float(at_truth[len(truth) - count])


def energies(logits: Floats, temperature: float = 1.0) -> Floats:
    """How familiar each photograph is (n,): the negative free energy of its logits (n, classes).

    Higher is more familiar (Liu et al., arXiv:2010.03759, equation 4).
    """
    scaled = logits / temperature
    top = scaled.max(axis=1, initial=-np.inf, keepdims=True)
    found: Floats = temperature * (top[:, 0] + np.log(np.exp(scaled - top).sum(axis=1)))
    return found


def fit_rejection(familiarity: Floats, keep: float = KEEP) -> float | None:
    """The familiarity below which a photograph is rejected; `keep` of the known are not.

    The quantile for finite numbers of split conformal prediction; too few for the promise: None.
    """
    place = math.floor((len(familiarity) + 1) * (1.0 - keep))
    return float(np.sort(familiarity)[place - 1]) if place else None


def cross_fitted(
    logits: Floats,
    truth: Whole,
    groups: Sequence[str],
    familiarity: Floats | None = None,
    *,
    seed: int = 0,
    coverage: float = COVERAGE,
    keep: float = KEEP,
) -> CrossFitted:
    """Fits on one half and looks at the other, then the other way round, then fits on all.

    `groups` (n,) says which photographs belong together, as those of one observation. The answer is
    that of half as many photographs, hence a cautious one.
    """
    second = halves(truth, groups, seed)
    probabilities = np.zeros_like(logits)
    holds: list[bool] = []
    empty: list[bool] = []
    kept: list[bool] = []
    for seen, unseen in ((~second, second), (second, ~second)):
        known = None if familiarity is None else familiarity[seen]
        half = fit(logits[seen], truth[seen], known, coverage=coverage, keep=keep)
        found = softmax(logits[unseen], half.temperature)
        probabilities[unseen] = found
        if half.conformal is not None:
            sets = found >= half.conformal
            holds += [bool(each[right]) for each, right in zip(sets, truth[unseen], strict=True)]
            empty += [not each.any() for each in sets]
        if familiarity is not None and half.familiar is not None:
            kept += [each >= half.familiar for each in familiarity[unseen]]
    return CrossFitted(
        fitted=fit(logits, truth, familiarity, coverage=coverage, keep=keep),
        probabilities=probabilities,
        coverage=float(np.mean(holds)) if holds else None,
        empty=float(np.mean(empty)) if empty else None,
        kept=float(np.mean(kept)) if kept else None,
    )


def halves(truth: Whole, groups: Sequence[str], seed: int) -> npt.NDArray[np.bool_]:
    """Which photographs (n,) are in the second half: groups stay whole, classes are in both.

    Large groups go first, each to the half that has less of its class, then to the smaller one.
    """
    names, first, group, sizes = np.unique(
        np.asarray(groups, dtype=np.str_), return_index=True, return_inverse=True,
        return_counts=True,
    )  # fmt: skip
    shuffled = np.random.default_rng(seed).permutation(len(names))
    second = np.zeros(len(names), dtype=bool)
    filled = np.zeros((2, int(truth.max(initial=0)) + 1))
    for each in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        label = truth[first[each]]
        less = min((0, 1), key=lambda half: (filled[half, label], filled[half].sum()))
        filled[less, label] += sizes[each]
        second[each] = less
    found: npt.NDArray[np.bool_] = second[group]
    return found


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Probabilities (n, classes)."""
    found: Floats = np.exp(log_softmax(logits / temperature))
    return found


def log_softmax(logits: Floats) -> Floats:
    return logits - energies(logits)[:, None]
