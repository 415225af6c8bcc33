"""Botanical watercolour: poppies and leaves in thin washes on cold-pressed paper.

A wash is a polygon whose edge is displaced at random again and again; many such veils laid over each
other give the soft, layered edge of wet pigment (Hobbs 2014). Veils absorb light, so they multiply,
and pigment gathers at edges and in the paper's hollows (Curtis et al., SIGGRAPH 1997).
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from models.procedural.canvas import Array, Canvas, blur, smoothstep
from models.procedural.noise import fractal_noise
from models.procedural.palette import from_hex, gradient
from models.procedural.relief import lit

Outline = NDArray[np.float64]
REDS = ("#e8432a", "#d8242c", "#f0683a", "#c41f3d", "#f28a3c")
GREENS = ("#5e8c3a", "#3f7a4a", "#86a544", "#2f6a5a", "#7a9a5a")
BLUES = ("#4a6fb5", "#6a86c9", "#7a5fae", "#3f8fb0")


def deformed(outline: Outline, rng: np.random.Generator, rounds: int, vary: float) -> Outline:
    """The outline with the middle of each edge pushed at random, `rounds` times over."""
    for _ in range(rounds):
        ahead = np.roll(outline, -1, axis=0)
        edge = np.linalg.norm(ahead - outline, axis=1, keepdims=True)
        middle = (outline + ahead) / 2 + rng.normal(size=outline.shape) * edge * vary
        outline = np.stack([outline, middle], 1).reshape(-1, 2)
    return outline


class Paper:
    """What is left of the light in each channel as washes absorb it, (H, W, 3) linear in density."""

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


def leaf(at: Outline, turn: float, length: float, wide: float, bend: float) -> Outline:
    """A pointed leaf from its stalk at `at` in direction `turn` (radians), curving by `bend`."""
    t = np.linspace(0, 1, 14)
    half = wide * np.sin(np.pi * t**0.8) * (1 - 0.25 * t)
    along = turn + bend * t
    spine = at + np.stack([np.cumsum(np.cos(along)), np.cumsum(np.sin(along))], -1) * length / len(
        t
    )
    side = np.stack([-np.sin(along), np.cos(along)], -1) * half[:, None]
    return np.vstack([spine + side, (spine - side)[::-1]])


def petal(at: Outline, turn: float, size: float, rng: np.random.Generator) -> Outline:
    """A poppy's petal: a broad fan with a ruffled rim."""
    open_angle = np.linspace(-1.0, 1.0, 15)
    ruffle = 1 + 0.07 * np.sin(open_angle * 9 + rng.uniform(0, 6)) - 0.22 * open_angle**2
    rim = np.stack([np.cos(turn + open_angle * 0.95), np.sin(turn + open_angle * 0.95)], -1)
    return np.vstack([at + size * 0.06 * rim[[7]], at + size * ruffle[:, None] * rim])


def poppy(paper: Paper, at: Outline, size: float, tilt: float) -> None:
    """Four to six petals, a dark eye, and a crown of stamens."""
    rng = paper.rng
    count = int(rng.integers(4, 7))
    paper.lift((dot(at, size * 0.9) - at) * [1, 0.78] + at, 0.88)
    for number in range(count):
        turn = tilt + 2 * np.pi * number / count + rng.normal() * 0.15
        shape = (petal(at, turn, size * rng.uniform(0.85, 1.1), rng) - at) * [1, 0.78] + at
        paper.wash(shape, REDS[int(rng.integers(len(REDS)))], 0.62, 16, 0.13)
        inner = at + (shape - at) * 0.5
        paper.wash(inner, "#b3122c", 0.35, 12, 0.25)
        for ray in np.linspace(-0.7, 0.7, 7):
            tip = at + size * rng.uniform(0.6, 0.9) * np.array(
                [np.cos(turn + ray), 0.78 * np.sin(turn + ray)]
            )
            paper.wash(ribbon(np.linspace(at, tip, 6), 0.0012), "#a30f28", 0.28, 5, 0.2)
    paper.wash(
        leaf(at - [size * 0.16, 0], 0, size * 0.34, size * 0.15, 0), "#2a1b3d", 1.5, 10, 0.25
    )
    for _ in range(46):
        turn, far = rng.uniform(0, 2 * np.pi), size * rng.uniform(0.17, 0.36)
        spot = at + far * np.array([np.cos(turn), 0.78 * np.sin(turn)])
        paper.wash(dot(spot, size * rng.uniform(0.012, 0.026)), "#1d1430", 1.6, 4, 0.2)
    paper.wash(dot(at, size * 0.09), "#8fae58", 1.0, 6, 0.2)


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


def stalk(paper: Paper, foot: Outline, head: Outline, bend: float) -> Outline:
    """A stem from foot to head with leaves along it; gives its path back."""
    t = np.linspace(0, 1, 24)[:, None]
    side = np.array([bend, 0])
    path = foot * (1 - t) ** 2 + 2 * t * (1 - t) * ((foot + head) / 2 + side) + head * t**2
    paper.wash(ribbon(path, 0.0042), GREENS[int(paper.rng.integers(3))], 1.0, 8, 0.06)
    for at in (4, 8, 12, 16):
        turn = paper.rng.choice([-1, 1]) * paper.rng.uniform(0.5, 1.1) - np.pi / 2
        length = paper.rng.uniform(0.09, 0.17) * (1.15 - at / 30)
        shape = leaf(path[at], turn, length, length * 0.17, paper.rng.normal() * 0.6)
        paper.wash(shape, GREENS[int(paper.rng.integers(len(GREENS)))], 0.8, 12, 0.16)
        paper.wash(
            ribbon(np.vstack([path[at], (shape[6] + shape[-7]) / 2, shape[13]]), 0.0012),
            "#2f5a3a",
            0.5,
            5,
            0.1,
        )
    return path


def paint(size: int = 1024, seed: int = 1705) -> Image.Image:
    """The sheet, portrait 4 : 5, RGB, `size` pixels on its longer side."""
    rng = np.random.default_rng(seed)
    canvas = Canvas(size, 0.8, 2)
    paper = Paper(canvas, rng)
    for _ in range(16):
        at, radius = rng.uniform([0.0, 0.0], [0.8, 1.0]), rng.uniform(0.08, 0.2)
        ink = ("#f6d9a0", "#bfe0dc", "#f7c6b0", "#cfd6f0", "#d6e6b0")[int(rng.integers(5))]
        paper.wash(dot(at, radius), ink, 0.55, 12, 0.42)
    heads = (
        (0.40, 0.30, 0.165),
        (0.175, 0.46, 0.115),
        (0.635, 0.475, 0.13),
        (0.60, 0.15, 0.085),
        (0.20, 0.17, 0.075),
        (0.425, 0.60, 0.095),
    )
    foot = np.array([0.41, 1.04])
    for x, y, _ in heads:
        stalk(paper, foot + [rng.normal() * 0.05, 0], np.array([x, y]), rng.normal() * 0.06)
    for number in range(26):
        turn = -np.pi / 2 + rng.normal() * 0.8
        start = np.array([0.41 + rng.normal() * 0.13, rng.uniform(0.72, 1.0)])
        length = rng.uniform(0.12, 0.26)
        ink = (*GREENS, *BLUES[:2])[int(rng.integers(7))]
        paper.wash(
            leaf(start, turn, length, length * rng.uniform(0.08, 0.2), rng.normal() * 0.8),
            ink,
            0.65,
            12,
            0.18 + 0.002 * number,
        )
    for _ in range(9):
        top = rng.uniform([0.06, 0.42], [0.76, 0.85])
        for step in range(11):
            spot = top + [rng.normal() * 0.008, 0.016 * step]
            paper.wash(dot(spot, 0.011 - 0.0004 * step), BLUES[int(rng.integers(4))], 0.7, 7, 0.3)
    for x, y, large in sorted(heads, key=lambda head: head[2]):
        poppy(paper, np.array([x, y]), large, rng.uniform(0, 6))
    for _ in range(150):
        ink = (*REDS, *BLUES, *GREENS)[int(rng.integers(14))]
        paper.wash(
            dot(rng.uniform([0.02, 0.02], [0.78, 0.98]), 0.0012 + 0.004 * rng.random() ** 4),
            ink,
            0.8,
            4,
            0.2,
        )
    return canvas.finish(dried(paper, canvas))


def dried(paper: Paper, canvas: Canvas) -> Array:
    """Light that comes back from the paper through the washes, and the shadow of its tooth."""
    white = gradient(("#f5eee0", "#fffaf0"), 0.6 + 0.15 * paper.pools)
    grain = np.clip(1 + 0.14 * smoothstep(-0.5, 1.6, paper.tooth) - 0.07, 0, None)
    tooth = lit(1.1 * canvas.unit / 2048 * blur(paper.tooth, 1), elevation=55)
    return np.asarray(
        white * np.exp(-paper.density * grain[..., None]) * (0.85 + 0.15 * tooth)[..., None]
    )
