"""Scores that tell how familiar a photograph is: ours, and those that are in use."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from models.species.familiarity import Familiarity
from models.training.calibration import Floats, energies, softmax
from models.training.head import Head

Score = Callable[[torch.Tensor, Head, Familiarity, int, Any], Floats]
"""From features (n, views, C + C2), the last layer, the familiarity, C, and what was taught: (n,),
more is more familiar."""


def familiar(
    features: torch.Tensor, head: Head, familiarity: Familiarity, channels: int, taught: Any
) -> Floats:
    views = [familiarity(features[:, view], channels) for view in range(features.shape[1])]
    found: Floats = torch.stack(views).mean(0).double().numpy()
    return found


def probability(
    features: torch.Tensor, head: Head, familiarity: Familiarity, channels: int, taught: Any
) -> Floats:
    """The largest one (Hendrycks and Gimpel, arXiv:1610.02136)."""
    found: Floats = softmax(logits_of(features, head, channels)).max(axis=1)
    return found


def energy(
    features: torch.Tensor, head: Head, familiarity: Familiarity, channels: int, taught: Any
) -> Floats:
    """Liu et al., arXiv:2010.03759."""
    return energies(logits_of(features, head, channels))


def rectified(
    features: torch.Tensor, head: Head, familiarity: Familiarity, channels: int, taught: Any
) -> Floats:
    """ReAct (Sun et al., arXiv:2111.12797): energy, features clipped at their 90th percentile."""
    most = rectified_at(taught.deep.numpy())
    return energies(logits_of(features.clamp(max=most), head, channels))


def nearest(
    features: torch.Tensor, head: Head, familiarity: Familiarity, channels: int, taught: Any
) -> Floats:
    """The cosine to the nearest photograph that was taught (Sun et al., arXiv:2204.06507)."""
    of_taught, seen = (
        torch.nn.functional.normalize(each[..., :channels].mean(1), dim=1)
        for each in (taught.features[:, : features.shape[1]], features)
    )
    found: Floats = (seen @ of_taught.T).max(1).values.double().numpy()
    return found


def logits_of(features: torch.Tensor, head: Head, channels: int) -> Floats:
    found: Floats = head.logits(features[..., :channels]).mean(1).double().numpy()
    return np.ascontiguousarray(found)


SCORES: dict[str, Score] = {
    "familiarity": familiar,
    "largest probability": probability,
    "energy": energy,
    "ReAct": rectified,
    "nearest neighbour": nearest,
}


def rectified_at(features: Floats, percentile: float = 90.0) -> float:
    """The activation above which features are clipped before the last layer.

    A percentile 0..100 of all activations of known photographs (ReAct: Sun et al.,
    arXiv:2111.12797, section 3).
    """
    return float(np.percentile(features, percentile))


def auroc(known: Floats, unknown: Floats) -> float:
    """The chance that something known scores higher than something unknown, ties by half.

    Mann and Whitney's U over its largest value; NaN where one of the two is empty.
    """
    if not len(known) or not len(unknown):
        return math.nan
    ordered = np.sort(unknown)
    below = np.searchsorted(ordered, known, side="left")
    not_above = np.searchsorted(ordered, known, side="right")
    return float((below + not_above).mean() / (2 * len(unknown)))
