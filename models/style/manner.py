"""What a style looks like to a network: its statistics, wherever in the picture they are."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from PIL import Image

from models.style.palette import QUANTILES, quantiles, resampled
from models.style.sight import Sight, View
from models.tensors import to_tensor

Moments = tuple[torch.Tensor, torch.Tensor]
"""Mean (C,) and covariance (C, C) of activations over all positions."""


@dataclass(frozen=True)
class Manner:
    """A style at one size."""

    moments: Mapping[str, Moments]
    palette: torch.Tensor
    """(directions, QUANTILES)"""


class _Sums:
    """Moments summed up tile by tile, about the first tile's mean so that no digits are lost."""

    def __init__(self) -> None:
        self.of: dict[str, tuple[int, torch.Tensor, torch.Tensor, torch.Tensor]] = {}

    def show(self, view: View) -> None:
        cells = view.cells[0].permute(1, 2, 0).reshape(-1, view.cells.shape[1])
        count, about, total, square = self.of.get(view.tap, (0, cells.mean(0), 0.0, 0.0))
        away = cells - about
        entry = (count + len(cells), about, total + away.sum(0), square + away.T @ away)
        self.of[view.tap] = entry

    def moments(self) -> dict[str, Moments]:
        found = {}
        for tap, (count, about, total, square) in self.of.items():
            shift = total / count
            found[tap] = about + shift, square / count - torch.outer(shift, shift)
        return found


def study(sight: Sight, picture: torch.Tensor) -> Manner:
    """Look once at a style (1, 3, H, W) in 0..1."""
    sums = _Sums()
    sight.look(picture, sums.show, graph=False)
    return Manner(sums.moments(), resampled(quantiles(picture), QUANTILES))


def gram_of(
    manners: Sequence[Manner], weights: Sequence[float], tap: str, about_mean: bool
) -> Moments:
    """The centre (C,) of a mixture of styles and its Gram (C, C) about that centre.

    About the mean, matching Grams is matching means and covariances, and large means do not drown
    the covariances; about zero, it is the paper's Gram over the number of positions.
    """
    moments = [manner.moments[tap] for manner in manners]
    pairs = list(zip(weights, moments, strict=True))
    centre = torch.stack([weight * mean for weight, (mean, _) in pairs]).sum(0)
    centre = centre if about_mean else torch.zeros_like(centre)
    grams = [
        weight * (covariance + torch.outer(mean - centre, mean - centre))
        for weight, (mean, covariance) in pairs
    ]
    return centre, torch.stack(grams).sum(0)


class Album:
    """Manners that one network studied lately: many photographs in one style share them."""

    KEPT = 64

    def __init__(self) -> None:
        self.manners: OrderedDict[tuple[object, ...], Manner] = OrderedDict()

    def manner(self, sight: Sight, picture: Image.Image) -> Manner:
        """The manner of a picture at its size, studied now or before."""
        pixels = hashlib.sha256(picture.tobytes()).hexdigest()
        network = sight.network.pooling, *sight.taps
        whole = sight.sees_whole(picture.height, picture.width)
        key = pixels, picture.size, sight.margin, whole, network
        if key not in self.manners:
            device = next(sight.network.parameters()).device
            self.manners[key] = study(sight, to_tensor(picture, device))
        self.manners.move_to_end(key)
        while len(self.manners) > self.KEPT:
            self.manners.popitem(last=False)
        return self.manners[key]
