"""Brush strokes: thousands along a flow, each a row of bristles that leaves ridges of paint.

Painterly rendering after Hertzmann (SIGGRAPH 1998, curved strokes, large to small) with the height
of the paint kept beside its colour and lit afterwards (Hertzmann, NPAR 2002, "Fast paint texture").
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import ImageDraw

from models.procedural.canvas import Array, blur, sample, to_image
from models.procedural.palette import from_oklab, to_oklab
from models.procedural.relief import glint, lit


@dataclass(frozen=True)
class Motif:
    """What to paint, on any grid: sRGB `colour` (H, W, 3), `angle` in radians, `region` numbers.

    Strokes follow `angle` and do not leave the region that they begin in.
    """

    colour: Array
    angle: Array
    region: NDArray[np.int64]


@dataclass(frozen=True)
class Brush:
    """Strokes of one size, in units of the longer side; `count` of them on the whole sheet."""

    length: float
    width: float
    count: int
    bristles: int = 8
    light: float = 0.035
    hue: float = 0.012


class Sheet:
    """Wet paint: its colour, and its thickness in the alpha channel."""

    def __init__(self, width: int, height: int, motif: Motif) -> None:
        self.unit = float(max(width, height))
        # A thin first coat in the motif's own colours: what no stroke covers is not bare.
        self.image = to_image(motif.colour).resize((width, height)).convert("RGBA")
        self.image.putalpha(60)
        self.motif = motif
        self.scale = max(motif.angle.shape) / self.unit

    def lay(self, brush: Brush, rng: np.random.Generator, where: Array | None = None) -> None:
        """Paint one layer; `where` (H, W of the motif) is the chance of a stroke, 1 without it."""
        size = np.array(self.image.size, dtype=np.float64)
        start = (rng.random((brush.count, 2)) * 1.06 - 0.03) * size
        if where is not None:
            start = start[rng.random(len(start)) < self._read(where, start)]
        length = brush.length * self.unit * rng.uniform(0.6, 1.25, len(start))
        paths, kept = self._paths(start, length)
        self._draw(paths, kept, brush, rng)

    def _read(self, field: Array, place: Array) -> Array:
        return sample(field, place[..., 0] * self.scale - 0.5, place[..., 1] * self.scale - 0.5)

    def _region(self, place: Array) -> NDArray[np.int64]:
        rows, columns = self.motif.region.shape
        column = np.clip((place[..., 0] * self.scale).astype(np.int64), 0, columns - 1)
        row = np.clip((place[..., 1] * self.scale).astype(np.int64), 0, rows - 1)
        return np.asarray(self.motif.region[row, column])

    def _paths(
        self, start: Array, length: Array, steps: int = 14
    ) -> tuple[Array, NDArray[np.bool_]]:
        """Streamlines (N, steps, 2) from each start, and which points stayed in its region."""
        turn = np.stack([np.cos(self.motif.angle), np.sin(self.motif.angle)], -1)
        place, home = start.copy(), self._region(start)
        inside = np.ones(len(start), dtype=bool)
        points, kept = [], []
        for _ in range(steps):
            inside &= self._region(place) == home
            points.append(place.copy())
            kept.append(inside.copy())
            place = place + self._read(turn, place) * (length / (steps - 1))[:, None]
        return np.stack(points, 1), np.stack(kept, 1)

    def _draw(
        self, paths: Array, kept: NDArray[np.bool_], brush: Brush, rng: np.random.Generator
    ) -> None:
        strokes, steps = paths.shape[:2]
        ahead = np.gradient(paths, axis=1)
        normal = np.stack([-ahead[..., 1], ahead[..., 0]], -1)
        normal /= np.maximum(np.linalg.norm(ahead, axis=-1, keepdims=True), 1e-9)
        side = np.linspace(-1, 1, brush.bristles)
        colour = self._bristle_colours(paths[:, 0], brush, rng)
        height = rng.integers(70, 256, (strokes, brush.bristles))
        # Outer bristles touch down later and lift earlier: the stroke's ends are round.
        first = (2.2 * side**2 + rng.random((strokes, brush.bristles)) * 1.6).astype(int)
        last = steps - (2.2 * side**2 + rng.random((strokes, brush.bristles)) * 3).astype(int)
        reach = brush.width * self.unit / 2
        thick = max(1, round(2.3 * reach / brush.bristles + 0.6))
        pen = ImageDraw.Draw(self.image)
        ends = kept.sum(axis=1)
        for stroke in range(strokes):
            for bristle in range(brush.bristles):
                begin, end = first[stroke, bristle], min(last[stroke, bristle], ends[stroke])
                if end - begin < 2:
                    continue
                line = paths[stroke, begin:end] + normal[stroke, begin:end] * side[bristle] * reach
                fill = (*colour[stroke][bristle], int(height[stroke, bristle]))
                pen.line(line.ravel().tolist(), fill=fill, width=thick)

    def _bristle_colours(
        self, at: Array, brush: Brush, rng: np.random.Generator
    ) -> list[list[tuple[int, int, int]]]:
        """One colour a bristle: the motif's, shifted for the stroke, streaked across its width."""
        lab = to_oklab(self._read(self.motif.colour, at))[:, None, :]
        spread = np.array([brush.light, brush.hue, brush.hue])
        lab = lab + rng.normal(size=lab.shape) * spread
        lab = lab + rng.normal(size=(len(at), brush.bristles, 3)) * spread * 0.75
        return [
            [(int(r), int(g), int(b)) for r, g, b in row]
            for row in (from_oklab(lab) * 255 + 0.5).astype(int).tolist()
        ]

    def lighted(self, thickness: float = 3.0) -> Array:
        """The dry painting (H, W, 3): its ridges lit from the upper left, with a little varnish."""
        layers = np.asarray(self.image, dtype=np.float64) / 255
        height = (blur(layers[..., 3], 1.0) + 0.6 * blur(layers[..., 3], 4)) * thickness
        shade = lit(height, elevation=52)
        shine = glint(height, 28, elevation=52) - glint(height * 0, 28, elevation=52)
        return np.clip(
            layers[..., :3] * (0.3 + 0.7 * shade)[..., None] + 0.10 * shine[..., None], 0, 1
        )
