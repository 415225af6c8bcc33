"""Poppies and lavender, painted in watercolour."""

import numpy as np
from PIL import Image

from models.procedural.canvas import Canvas
from models.procedural.watercolour import Outline, Paper, dot, ribbon

REDS = ("#e8432a", "#d8242c", "#f0683a", "#c41f3d", "#f28a3c")
GREENS = ("#5e8c3a", "#3f7a4a", "#86a544", "#2f6a5a", "#7a9a5a")
BLUES = ("#4a6fb5", "#6a86c9", "#7a5fae", "#3f8fb0")


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
    return np.asarray(path)


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
        stalk(
            paper, foot + np.array([rng.normal() * 0.05, 0]), np.array([x, y]), rng.normal() * 0.06
        )
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
            spot = top + np.array([rng.normal() * 0.008, 0.016 * step])
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
    return canvas.finish(paper.dried())
