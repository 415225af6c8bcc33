"""Woodblock printing: a few flat inks with carved outlines.

Each block is laid a little off the others, and the grain of the cherry plank and the paper's fibres
show through.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from models.procedural.canvas import Array, Canvas, blur, mix, smoothstep
from models.procedural.noise import fractal_noise
from models.procedural.palette import from_hex, gradient

LINE = "#16233f"
FOAM = "#f4ecd8"
Polygon = list[tuple[float, float]]  # pixels


class Block:
    """Shapes cut for the print, in units of the longer side: flat inks, then their outlines."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.inks = Image.new("RGB", (canvas.width, canvas.height))
        self.lines = Image.new("L", (canvas.width, canvas.height))

    def lay(self, ground: Array) -> None:
        """Start with a ready picture (H, W, 3), such as the wiped sky."""
        self.inks = Image.fromarray((ground * 255).astype(np.uint8))

    def shape(self, outline: NDArray[np.float64], ink: str, line: float = 0.0018) -> None:
        """A flat shape with an outline; it covers whatever lies behind, lines included."""
        points: Polygon = [(float(x), float(y)) for x, y in outline * self.canvas.unit]
        ImageDraw.Draw(self.inks).polygon(points, fill=ink)
        pen = ImageDraw.Draw(self.lines)
        pen.polygon(points, fill=0)
        self._stroke(points + points[:1], line)

    def cut(self, path: NDArray[np.float64], line: float) -> None:
        """A line on its own; it swells in the middle like a cut made with a knife."""
        points: Polygon = [(float(x), float(y)) for x, y in path * self.canvas.unit]
        for start in range(len(points) - 1):
            swell = np.sin(np.pi * (start + 0.5) / (len(points) - 1)) ** 0.6
            self._stroke(points[start : start + 2], line * (0.3 + 0.7 * swell))

    def discs(self, centres: NDArray[np.float64], radii: NDArray[np.float64], line: float) -> None:
        """Discs of foam: with `line`, what will be their outline; without, the foam over it."""
        inks, lines = ImageDraw.Draw(self.inks), ImageDraw.Draw(self.lines)
        for (x, y), radius in zip(
            centres * self.canvas.unit, radii * self.canvas.unit, strict=True
        ):
            reach = float(radius) + line * self.canvas.unit
            box = (float(x) - reach, float(y) - reach, float(x) + reach, float(y) + reach)
            if line == 0:
                inks.ellipse(box, fill=FOAM)
            lines.ellipse(box, fill=255 if line else 0)

    def _stroke(self, points: Polygon, line: float) -> None:
        width = max(1, round(line * self.canvas.unit))
        ImageDraw.Draw(self.lines).line(points, fill=255, width=width, joint="curve")


def printed(block: Block, canvas: Canvas, rng: np.random.Generator) -> Array:
    """Press the blocks on paper: wood grain in the inks, a slight misfit, fibres, a margin."""
    inks = np.roll(np.asarray(block.inks, dtype=np.float64) / 255, (1, -2), axis=(0, 1))
    x, y = canvas.grid()
    warp = fractal_noise(canvas.shape, 3, rng, 3, stretch=5)
    rings = np.sin(2 * np.pi * (46 * y + 1.6 * warp + 0.6 * np.sin(5 * x))) * 0.5
    grain = rings + 0.8 * fractal_noise(canvas.shape, 60, rng, 4, stretch=22)
    paper = gradient(
        ("#e9dcbc", "#f6eddb"), 0.5 + 0.22 * fractal_noise(canvas.shape, 40, rng, 5, 0.8)
    )
    dark = 1 - inks.mean(axis=-1)
    kept = np.clip(
        0.97 - 0.07 * dark * (grain + 0.7) + 0.03 * fractal_noise(canvas.shape, 300, rng, 3), 0, 1
    )
    picture = mix(paper, inks, kept)
    lines = blur(np.asarray(block.lines, dtype=np.float64) / 255, 0.7)
    worn = np.clip(0.96 + 0.06 * fractal_noise(canvas.shape, 200, rng, 3), 0.7, 1)
    picture = mix(
        picture, np.broadcast_to(from_hex(LINE), picture.shape), np.clip(lines * worn, 0, 1)
    )
    high = canvas.height / canvas.unit
    edge = np.minimum(np.minimum(x, 1 - x), np.minimum(y, high - y)) + 0.0008 * warp
    return mix(picture, paper, smoothstep(0.0222, 0.0205, edge))
