"""Values over a photograph, and their mean in any box."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from models.species.boxes import Box, grown

AROUND = 0.35
"""Of a box's longer side: what is compared with its inside. With 0.25 fewer are found on scenes for
tuning, with 0.5 more, but `static/samples/content/chelsea.jpg` fails its test."""


@dataclass(frozen=True)
class Field:
    """Values over a photograph, summed so that the mean in any box takes four look-ups.

    (Summed-area tables: Crow, SIGGRAPH 1984.)
    """

    sums: npt.NDArray[np.float64]
    """(h + 1, w + 1)"""
    pixels: float
    """Of the photograph for a value."""

    @classmethod
    def over(cls, values: torch.Tensor, pixels: float) -> "Field":
        sums = values.double().cumsum(0).cumsum(1)
        return cls(F.pad(sums, (1, 0, 1, 0)).numpy(), pixels)

    def within(self, box: Box) -> tuple[float, int]:
        """Sum and count of the values in a box; none beyond the borders."""
        rows, columns = (side - 1 for side in self.sums.shape)
        left, right = (
            min(max(round(x / self.pixels), 0), columns) for x in (box.left, box.left + box.width)
        )
        top, bottom = (
            min(max(round(y / self.pixels), 0), rows) for y in (box.top, box.top + box.height)
        )
        sums = self.sums
        total = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        return float(total), (right - left) * (bottom - top)

    def contrast(self, box: Box) -> float:
        """The mean in the box less the mean around it."""
        inside, count = self.within(box)
        both, all_of_them = self.within(grown(box, AROUND))
        return inside / max(count, 1) - (both - inside) / max(all_of_them - count, 1)


def share(values: torch.Tensor, least: float, most: float) -> torch.Tensor:
    """From 0 at `least` to 1 at `most`."""
    return ((values - least) / (most - least)).clamp(0.0, 1.0)
