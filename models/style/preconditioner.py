"""Coarse change first: what L-BFGS takes for the inverse Hessian before it has learnt more.

Style losses bend far more along single pixels than along strokes, so that plain steps spend
themselves on grain. A preconditioner is a symmetric positive definite map of gradients to steps;
this one is the identity plus projections onto averages of 2 x 2, 4 x 4, ... pixels.
"""

from collections.abc import Sequence
from itertools import product

import torch
from torch.nn import functional as F


def preconditioned(gradient: torch.Tensor, coarse: Sequence[float]) -> torch.Tensor:
    """A gradient (N, C, H, W) plus, for each k, `coarse[k]` times its averages over 2^(k+1) pixels.

    Blocks are counted from the upper left; what they lack below and to the right is 0.
    """
    return _spread(gradient.clone(), _blocks(gradient, coarse)) if coarse else gradient


def _blocks(x: torch.Tensor, weights: Sequence[float]) -> torch.Tensor:
    """Averages over 2 x 2 and more pixels, each times its weight, at half the size."""
    height, width = x.shape[2:]
    even = height % 2 == width % 2 == 0
    pooled = F.avg_pool2d(x if even else F.pad(x, (0, width % 2, 0, height % 2)), 2)
    blocks = pooled * weights[0]
    return _spread(blocks, _blocks(pooled, weights[1:])) if len(weights) > 1 else blocks


def _spread(x: torch.Tensor, blocks: torch.Tensor) -> torch.Tensor:
    """Add each block to its pixels. In place: of a large picture there is no room for another."""
    for down, across in product((0, 1), (0, 1)):
        corner = x[:, :, down::2, across::2]
        corner.add_(blocks[:, :, : corner.shape[2], : corner.shape[3]])
    return x
