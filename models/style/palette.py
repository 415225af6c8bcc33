"""The palette: a painting's colours should be distributed as the style's are.

Grams match means and covariances of colours, which leaves room for colours that the style
does not have at all (magenta skies). The sliced Wasserstein distance matches whole
distributions: along several directions in colour space, sorted values are compared.
"""

import numpy as np
import torch
from torch.nn import functional as F

from models.style.colours import to_opponent

SIDE = 64
"""Pixels to which the longer side is averaged down: colours of strokes, not of single pixels."""
QUANTILES = 4096
FLAT = 0.005  # variance below which a style counts as having one colour
DIRECTIONS = F.normalize(
    torch.cat([torch.eye(3), torch.randn(13, 3, generator=torch.Generator().manual_seed(1))]),
    dim=1,
)


def quantiles(picture: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
    """Sorted colours of a picture (1, 3, H, W) along every direction: (directions, pixels).

    With `mask` (1, 1, H, W) only of the pixels under it.
    """
    shrink = max(1, round(max(picture.shape[2:]) / SIDE))
    colours = to_opponent(_shrunk(picture, shrink)).flatten(2)[0]
    if mask is not None:
        under = _shrunk(mask, shrink).flatten() > 0.5
        colours = colours[:, under] if under.any() else colours
    values = DIRECTIONS.to(colours) @ colours
    return values.gather(1, _order(values.detach()))


def _order(values: torch.Tensor) -> torch.Tensor:
    """Indices that sort each row. On the CPU numpy takes a third of torch's time."""
    if values.device.type == "cpu":
        return torch.from_numpy(np.argsort(values.numpy(), axis=1))
    return values.argsort(dim=1)


def palette_distance(
    picture: torch.Tensor, palette: torch.Tensor, mask: torch.Tensor | None = None
) -> torch.Tensor:
    """Mean square distance of the colours' quantiles, over the palette's variance."""
    found = quantiles(picture, mask)
    spread = (palette - palette.mean(1, keepdim=True)).square().mean()
    return (found - resampled(palette, found.shape[1])).square().mean() / (spread + FLAT)


def resampled(values: torch.Tensor, count: int) -> torch.Tensor:
    """Quantiles (directions, N) as so many quantiles."""
    return F.interpolate(values[None], count, mode="linear", align_corners=True)[0]


def _shrunk(picture: torch.Tensor, times: int) -> torch.Tensor:
    if times == 1:
        return picture
    return F.avg_pool2d(picture, times, ceil_mode=True, count_include_pad=False)
