"""Watercolour: thin washes on cold-pressed paper.

A wash is a polygon whose edge is displaced at random again and again; many such veils laid over
one another give the soft, layered edge of wet pigment (Hobbs 2014). Veils absorb light, so they
multiply, and pigment gathers at edges and in the paper's hollows (Curtis et al., SIGGRAPH 1997).
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from models.procedural.canvas import Array, Canvas, blur, smoothstep
from models.procedural.noise import fractal_noise
from models.procedural.palette import from_hex, gradient
from models.procedural.relief import lit

Outline = NDArray[np.float64]


def deformed(outline: Outline, rng: np.random.Generator, rounds: int, vary: float) -> Outline:
    """The outline with the middle of each edge pushed at random, `rounds` times over."""
    for _ in range(rounds):
        ahead = np.roll(outline, -1, axis=0)
        edge = np.linalg.norm(ahead - outline, axis=1, keepdims=True)
        middle = (outline + ahead) / 2 + rng.normal(size=outline.shape) * edge * vary
        outline = np.stack([outline, middle], 1).reshape(-1, 2)
    return outline


class Paper:
    """Paper with washes on it: how much of each channel they absorb, as density (H, W, 3)."""

    def __init__(self, canvas: Canvas, rng: np.random.Generator) -> None:
        self.canvas, self.rng = canvas, rng
        self.density = np.zeros((*canvas.shape, 3))
        self.tooth = fractal_noise(canvas.shape, 190, rng, 4, 0.65)
        self.pools = fractal_noise(canvas.shape, 14, rng, 5, 0.6)

    def wash(
        self, outline: Outline, ink: str, strength: float = 1.0, veils: int = 14, vary: float = 0.16
    ) -> None:
        """Lay one shape, in units, in an ink; it dries darker at its edge and where it pooled."""
        base = deformed(outline, self.rng, 2, vary * 0.7)
        pad = 0.02 + vary * float(np.ptp(outline, axis=0).max())
        low = np.maximum((outline.min(axis=0) - pad) * self.canvas.unit, 0).astype(int)
        high = np.minimum(
            (outline.max(axis=0) + pad) * self.canvas.unit, [self.canvas.width, self.canvas.height]
        )
        wide, tall = (high.astype(int) - low).tolist()
        if wide < 4 or tall < 4:
            return
        cover = np.zeros((tall, wide))
        for _ in range(veils):
            veil = Image.new("L", (wide, tall))
            points = deformed(base, self.rng, 3, vary) * self.canvas.unit - low
            ImageDraw.Draw(veil).polygon([(float(x), float(y)) for x, y in points], fill=255)
            cover += np.asarray(veil, dtype=np.float64) / 255 / veils
        here = slice(low[1], low[1] + tall), slice(low[0], low[0] + wide)
        thick = self.canvas.unit / 2048
        cover = blur(cover, 0.8 * thick)
        edge = np.clip(cover - blur(cover, 7 * thick), 0, 1)
        amount = (
            cover * (0.78 + 0.26 * self.pools[here]) + 1.5 * edge + 0.07 * cover * self.tooth[here]
        )
        absorb = -np.log(np.clip(from_hex(ink), 0.03, 0.985))
        self.density[here] += np.clip(amount, 0, None)[..., None] * absorb * strength

    def lift(self, outline: Outline, share: float) -> None:
        """Take up `share` of the colour inside a shape with a clean wet brush, edge and all."""
        mask = Image.new("L", (self.canvas.width, self.canvas.height))
        points = deformed(outline, self.rng, 3, 0.1) * self.canvas.unit
        ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in points], fill=255)
        inside = np.asarray(mask) > 0
        self.density[inside] *= 1 - share

    def dried(self) -> Array:
        """Light that comes back from the paper through the washes, and the shadow of its tooth."""
        white = gradient(("#f5eee0", "#fffaf0"), 0.6 + 0.15 * self.pools)
        grain = np.clip(1 + 0.14 * smoothstep(-0.5, 1.6, self.tooth) - 0.07, 0, None)
        tooth = lit(1.1 * self.canvas.unit / 2048 * blur(self.tooth, 1), elevation=55)
        return np.asarray(
            white * np.exp(-self.density * grain[..., None]) * (0.85 + 0.15 * tooth)[..., None]
        )


def dot(at: Outline, radius: float) -> Outline:
    """A small round touch of the brush."""
    turn = np.linspace(0, 2 * np.pi, 9)[:-1]
    return np.asarray(at + radius * np.stack([np.cos(turn), np.sin(turn)], -1))


def ribbon(path: Outline, half: float) -> Outline:
    """A stroke of the brush's tip along a path, thicker at its beginning."""
    ahead = np.gradient(path, axis=0)
    normal = np.stack([-ahead[:, 1], ahead[:, 0]], -1) / np.linalg.norm(
        ahead, axis=1, keepdims=True
    )
    width = half * np.linspace(1.0, 0.45, len(path))[:, None]
    return np.vstack([path + normal * width, (path - normal * width)[::-1]])
