"""By what the painter measures: the loud directions of activations count for less.

A few directions have nearly all of the variance that activations have, and Grams square it, so that
distances hardly see the rest. Whitened wholly (power 1, Mahalanobis distance) all directions count
the same, and in between as chosen. Over WCT (Li et al., arXiv:1705.08086), which whitens what is
painted by its own covariance, the measure stays one for all pictures.
"""

from collections.abc import Iterable

import torch

from models.narrow_vgg import NarrowVGG
from models.weights import State

FAINT = 1e-3  # of the loudest direction's variance: none counts as if it had less


@torch.no_grad()
def whitened(network: NarrowVGG, pictures: Iterable[torch.Tensor], power: float) -> State:
    """The network's weights with roots that measure so; `pictures`: batches (N, 3, H, W).

    `power`, 0..1: 0 changes nothing.
    """
    state = dict(network.state_dict())
    for tap, spread in covariances(network, pictures).items():
        name = f"roots.{tap}"
        root = softening(spread, power) @ state[name].double().cpu()
        state[name] = root.to(state[name])
    return state


@torch.no_grad()
def covariances(network: NarrowVGG, pictures: Iterable[torch.Tensor]) -> dict[str, torch.Tensor]:
    """Of each tap's activations as they are measured (channels, channels), batch by batch."""
    found: dict[str, torch.Tensor] = {}
    for batch in pictures:
        for tap, activations in network(batch, network.taps).items():
            cells = (
                network.roots[tap].double() @ activations.permute(1, 0, 2, 3).flatten(1).double()
            )
            spread = torch.cov(cells, correction=0).reshape(len(cells), len(cells)).cpu()
            found[tap] = found.get(tap, 0.0) + spread
    return found


def softening(covariance: torch.Tensor, power: float) -> torch.Tensor:
    """W (n, n): variances v of what it is applied to become v^(1 - power), their sum kept."""
    variances, directions = torch.linalg.eigh(covariance)
    variances = variances.clamp(min=FAINT * variances.max())
    size = variances.sum() / variances.pow(1.0 - power).sum()
    softer: torch.Tensor = (directions * (variances.pow(-power) * size).sqrt()) @ directions.T
    return softer
