"""Coarse change first: what L-BFGS takes for the inverse Hessian before it has learnt more.

Style losses bend far more along single pixels than along strokes, so that plain steps spend
themselves on grain. A preconditioner is a symmetric positive definite map of gradients to steps;
this one is the identity plus projections onto averages of 2 x 2, 4 x 4, ... pixels.
"""

from collections.abc import Sequence

import torch
from torch.nn import functional as F


def preconditioned(gradient: torch.Tensor, coarse: Sequence[float]) -> torch.Tensor:
    """A gradient (N, C, H, W) plus, for each k, `coarse[k]` times its averages over 2^(k+1) pixels.

    Blocks are counted from the upper left; what they lack below and to the right is 0.
    """
    return gradient + _averages(gradient, coarse) if coarse else gradient


def _averages(x: torch.Tensor, weights: Sequence[float]) -> torch.Tensor:
    height, width = x.shape[2:]
    pooled = F.avg_pool2d(F.pad(x, (0, width % 2, 0, height % 2)), 2)
    own = weights[0] * pooled
    blocks = own + _averages(pooled, weights[1:]) if len(weights) > 1 else own
    return F.interpolate(blocks, scale_factor=2)[:, :, :height, :width]
