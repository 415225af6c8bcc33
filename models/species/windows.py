"""What a classifier sees at each place of a photograph, at several sizes.

It runs as a convolutional sliding window (OverFeat, arXiv:1312.6229): its last layer is applied to
every cell of the trunk's features, so that one pass over a picture scores all windows. A pyramid of
passes gives, for each size, the evidence that something alive is there; how far the features at
half that stride differ from those of the background gives outlines.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from PIL import Image
from torch.nn import functional as F

from models.images import fit
from models.species.classifier import Classifier
from models.tensors import to_tensor

PYRAMID = 256, 362, 512, 724, 1024, 1448
"""Longer sides in pixels. Specimens of 12 to 70 % of a photograph span `SPAN` cells of one."""
ENLARGED = 2.0
"""No photograph is looked at larger than so many times its size: there is nothing more to see."""
CELL = 32
"""Pixels between the classifier's cells."""
GRID = 128
"""Values along the longer side that everything is interpolated to."""
DIFFERENT = 0.1, 0.7
"""Differences that count for nothing, and in full."""


@dataclass(frozen=True)
class Looked:
    """What the passes over a photograph found, each (h, w), the longer side `GRID` values."""

    evidence: Mapping[int, torch.Tensor]
    """By the longer side of the pass: log odds that something alive is there."""
    difference: torch.Tensor
    """0 is the background, 1 what differs most from it."""
    longer: int
    """Side of the photograph in pixels."""

    @property
    def pixels(self) -> float:
        """Of the photograph for a value."""
        return self.longer / GRID


@torch.inference_mode()
def look(classifier: Classifier, photograph: Image.Image) -> Looked:
    """The passes over a photograph, the coarsest first."""
    longer = max(photograph.size)
    shape = tuple(max(1, round(side * GRID / longer)) for side in photograph.size[::-1])
    sides = [side for side in PYRAMID if side <= ENLARGED * longer] or [PYRAMID[0]]
    evidence = {}
    for side in sides:
        scores, features = classifier.cells(to_tensor(fit(photograph, side), classifier.device))
        evidence[side] = interpolated(alive_odds(classifier, scores[0]), shape)
    return Looked(evidence, interpolated(unlike_the_rest(features[0]), shape), longer)


def alive_odds(classifier: Classifier, scores: torch.Tensor) -> torch.Tensor:
    """Calibrated log odds (h, w), for scores (classes, h, w), that a cell shows something alive.

    A model that knows living things only compares with the middle one of the cells.
    """
    scores = scores / classifier.card.calibration.temperature
    alive = torch.tensor([taxon is not None for taxon in classifier.card.taxon_of_class])
    of_life = scores[alive].logsumexp(0)
    return of_life - (of_life.median() if alive.all() else scores[~alive].logsumexp(0))


def unlike_the_rest(features: torch.Tensor) -> torch.Tensor:
    """How far features (C, h, w) are from the background's, (h, w): 0 its own, 1 the farthest.

    The background is the median of each channel; distances count in each channel's deviation.
    """
    flat = features.flatten(1)
    middle, spread = flat.median(1).values, flat.std(1) + 1e-6
    far = ((flat - middle[:, None]) / spread[:, None]).square().mean(0).sqrt()
    usual, farthest = far.median(), far.quantile(0.98)
    return ((far - usual) / (farthest - usual + 1e-6)).view(features.shape[1:])


def interpolated(values: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    """Values (h, w) on the CPU, at another shape."""
    return F.interpolate(values[None, None], shape, mode="bicubic")[0, 0].float().cpu()
