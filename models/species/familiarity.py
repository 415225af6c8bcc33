"""How much a photograph looks like those that a network was taught with.

A second last layer compares each class with all others, on features whose lengths are the same and
whose peaks are flattened; colours and textures, which features half as deep show, count too. The
log of the sum of its scores' exponentials, a free energy (Liu et al., arXiv:2010.03759), is high
where any class speaks up. Of the ways tried it tells best what the network has never seen
(docs/decisions/0008-training.md).
"""

from dataclasses import dataclass

import torch
from torch.nn import functional as F

HALF = 0.7
"""Length of the features half as deep, where the deepest have 1. With 1 they count too much."""


@dataclass(frozen=True)
class Familiarity:
    """The second last layer."""

    weight: torch.Tensor
    """(classes, C + C2)"""
    bias: torch.Tensor
    """(classes,)"""

    def __call__(self, features: torch.Tensor, channels: int) -> torch.Tensor:
        """Of features (N, C + C2), of which `channels` are the deepest: (N,)."""
        return F.linear(flattened(features, channels), self.weight, self.bias).logsumexp(1)


def flattened(features: torch.Tensor, channels: int) -> torch.Tensor:
    """The roots of features (N, C + C2), both parts of a length of their own (Hellinger's
    normalisation, as of SIFT by Arandjelović and Zisserman, CVPR 2012)."""
    roots = features.sign() * features.abs().sqrt()
    deep, half = roots[:, :channels], roots[:, channels:]
    return torch.cat([F.normalize(deep, dim=1), HALF * F.normalize(half, dim=1)], 1)
