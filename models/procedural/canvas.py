"""The sheet to paint on: coordinates, soft edges, averaging down, and the way out to Pillow.

Pictures are drawn in units of their longer side at `supersample` times the final size and then
averaged, which antialiases them. Fields are float arrays (H, W), pictures (H, W, 3) in 0..1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Canvas:
    """A sheet `size` pixels on its longer side and `aspect` (width / height) wide."""

    size: int
    aspect: float = 4 / 3
    supersample: int = 2

    @property
    def width(self) -> int:
        """Pixels across, before averaging."""
        return self.supersample * round(self.size * min(1.0, self.aspect))

    @property
    def height(self) -> int:
        """Pixels down, before averaging."""
        return self.supersample * round(self.size / max(1.0, self.aspect))

    @property
    def unit(self) -> float:
        """Pixels in one unit of length: the longer side, before averaging."""
        return float(self.size * self.supersample)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, before averaging."""
        return self.height, self.width

    def grid(self) -> tuple[Array, Array]:
        """The x and y of each pixel's centre in units, each of the canvas's shape."""
        x = (np.arange(self.width) + 0.5) / self.unit
        y = (np.arange(self.height) + 0.5) / self.unit
        return np.broadcast_to(x, self.shape), np.broadcast_to(y[:, None], self.shape)

    def finish(self, picture: Array) -> Image.Image:
        """Average the supersampled sRGB picture down and make it an RGB image."""
        return to_image(average(picture, self.supersample))


def average(field: Array, factor: int) -> Array:
    """Mean over blocks of `factor` x `factor` pixels."""
    rows, columns = field.shape[0] // factor, field.shape[1] // factor
    cut = field[: rows * factor, : columns * factor]
    blocks = cut.reshape(rows, factor, columns, factor, *field.shape[2:])
    return np.asarray(blocks.mean(axis=(1, 3)))


def to_image(picture: Array) -> Image.Image:
    """A float picture in 0..1 as an 8-bit RGB image."""
    return Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))


def smoothstep(low: float, high: float, x: Array) -> Array:
    """0 below `low`, 1 above `high`, and a smooth cubic between (they may be given backwards)."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def mix(under: Array, over: Array, cover: Array | float) -> Array:
    """`over` laid on `under` with `cover` (H, W) in 0..1."""
    amount = np.asarray(cover)[..., None]
    return np.asarray(under + (over - under) * amount)


def blur(field: Array, radius: float) -> Array:
    """Nearly a Gaussian of standard deviation `radius` pixels: three box means, edges repeated."""
    reach = round(np.sqrt(radius * radius + 0.25) - 0.5 + 1e-9) if radius >= 0.5 else 0
    for _ in range(3 if reach else 0):
        for axis in (0, 1):
            field = box_mean(field, reach, axis)
    return field


def box_mean(field: Array, reach: int, axis: int) -> Array:
    """Mean over 2 `reach` + 1 neighbours along one axis."""
    pad = [(0, 0)] * field.ndim
    pad[axis] = (reach + 1, reach)
    total = np.cumsum(np.pad(field, pad, mode="edge"), axis=axis)
    count = field.shape[axis]
    width = 2 * reach + 1
    ahead = np.take(total, np.arange(width, width + count), axis=axis)
    return np.asarray((ahead - np.take(total, np.arange(count), axis=axis)) / width)


def sample(field: Array, column: Array, row: Array) -> Array:
    """`field` (H, W, ...) read between its pixels, bilinearly; places outside take the edge."""
    column = np.clip(column, 0, field.shape[1] - 1.001)
    row = np.clip(row, 0, field.shape[0] - 1.001)
    left, top = column.astype(np.int64), row.astype(np.int64)
    extra = (...,) + (None,) * (field.ndim - 2)
    across, down = (column - left)[extra], (row - top)[extra]
    upper = field[top, left] * (1 - across) + field[top, left + 1] * across
    lower = field[top + 1, left] * (1 - across) + field[top + 1, left + 1] * across
    return np.asarray(upper * (1 - down) + lower * down)
