"""The palette: a painting's colours should be distributed as the style's are.

Grams match means and covariances of colours, which leaves room for colours that the style
does not have at all (magenta skies). The sliced Wasserstein distance matches whole
distributions: along several directions in colour space, sorted values are compared.
"""

import torch
from torch.nn import functional as F

from models.style.colours import to_opponent

SIDE = 96
"""Pixels to which the longer side is averaged down: colours of strokes, not of single pixels."""
QUANTILES = 4096
FLAT = 0.005  # variance below which a style counts as having one colour
DIRECTIONS = F.normalize(
    torch.cat([torch.eye(3), torch.randn(13, 3, generator=torch.Generator().manual_seed(1))]),
    dim=1,
)


def quantiles(picture: torch.Tensor) -> torch.Tensor:
    """Sorted colours of a picture (1, 3, H, W) along every direction: (directions, pixels)."""
    shrink = max(1, round(max(picture.shape[2:]) / SIDE))
    if shrink > 1:
        picture = F.avg_pool2d(picture, shrink, ceil_mode=True, count_include_pad=False)
    colours = to_opponent(picture).flatten(2)[0]
    return (DIRECTIONS.to(colours) @ colours).sort(dim=1).values


def palette_of(pictures: list[torch.Tensor]) -> torch.Tensor:
    """What a painting's palette is compared with: the mean of the pictures' quantiles."""
    return torch.stack([_resampled(quantiles(picture), QUANTILES) for picture in pictures]).mean(0)


def palette_distance(picture: torch.Tensor, palette: torch.Tensor) -> torch.Tensor:
    """Mean square distance of the colours' quantiles, over the palette's variance."""
    found = quantiles(picture)
    spread = (palette - palette.mean(1, keepdim=True)).square().mean()
    return (found - _resampled(palette, found.shape[1])).square().mean() / (spread + FLAT)


def _resampled(values: torch.Tensor, count: int) -> torch.Tensor:
    return F.interpolate(values[None], count, mode="linear", align_corners=True)[0]
