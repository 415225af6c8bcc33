"""Which style goes where: masks, and the Gram of each (guided Gram, Gatys et al. 2017)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from models.style.manner import Manner, gram_of
from models.style.sight import Rectangle

SEEN = 0.5  # how much of a cell must lie under a mask


@dataclass(frozen=True)
class Region:
    """A part of the painting and what its style should look like there."""

    share: float
    """Of all regions' weight."""
    wanted: Mapping[str, tuple[torch.Tensor, torch.Tensor]]
    """For each tap the centre (C,) and the Gram about it (C, C)."""
    palette: torch.Tensor
    mask: torch.Tensor | None
    """(1, 1, H, W) in 0..1; None: everywhere."""
    cells: Mapping[tuple[int, int], torch.Tensor]
    """For each grid (height, width) the cells that belong to the region, 0 or 1."""

    def part(self, grid: tuple[int, int], place: Rectangle) -> torch.Tensor | None:
        """Which cells of a place belong: (cells, 1)."""
        return self.cells[grid][place].reshape(-1, 1) if self.mask is not None else None


def everywhere(
    manners: Sequence[Manner], weights: Sequence[float], taps: Sequence[str], about_mean: bool
) -> Region:
    """One region with a mixture of all styles. `about_mean`: see `gram_of`."""
    wanted = {tap: gram_of(manners, weights, tap, about_mean) for tap in taps}
    palettes = [weight * each.palette for weight, each in zip(weights, manners, strict=True)]
    return Region(1.0, wanted, torch.stack(palettes).sum(0), None, {})


def under_masks(
    manners: Sequence[Manner],
    weights: Sequence[float],
    masks: Sequence[torch.Tensor],
    grids: Mapping[str, tuple[int, int]],
    about_mean: bool,
) -> list[Region]:
    """A region for each mask (1, 1, H, W) that is not empty, weighing by its area.

    `grids`: the cells of each tap, down and across.
    """
    areas = [weight * mask.mean().item() for weight, mask in zip(weights, masks, strict=True)]
    regions = []
    for manner, mask, area in zip(manners, masks, areas, strict=True):
        if area > 0:
            wanted = {tap: gram_of([manner], [1.0], tap, about_mean) for tap in grids}
            cells = {grid: _shrunk(mask, grid) for grid in set(grids.values())}
            regions.append(Region(area / sum(areas), wanted, manner.palette, mask, cells))
    return regions


def _shrunk(mask: torch.Tensor, grid: tuple[int, int]) -> torch.Tensor:
    """The cells under a mask less those at its edge, which see what lies beyond.

    A mask too thin to have an inside keeps its edge.
    """
    inside = (F.interpolate(mask, grid, mode="area") > SEEN).float()
    eroded = -F.max_pool2d(-inside, 3, 1, 1)
    kept = eroded if eroded.any() else inside if inside.any() else torch.ones_like(inside)
    return kept[0, 0]
