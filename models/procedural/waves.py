"""Waves under a wide sky, as a woodblock print: the sky is wiped from dark to light (bokashi)."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.procedural.canvas import Array, Canvas, mix, smoothstep
from models.procedural.noise import fractal_noise
from models.procedural.palette import from_hex, gradient
from models.procedural.woodblock import FOAM, Block, printed

INDIGO = ("#1d3b6e", "#2f5f97", "#5d93b8", "#9cc0c6")


def rolling(phase: Array, steepness: float) -> tuple[Array, Array]:
    """A trochoid that leans forward until its crest curls: x and height over `phase`."""
    lean = steepness * np.maximum(np.sin(phase), 0) ** 3
    return phase / (2 * np.pi) + 0.16 * np.cos(phase) * steepness - 0.10 * lean, np.sin(
        phase
    ) + 0.35 * lean


def foam(block: Block, crest: NDArray[np.float64], size: float, rng: np.random.Generator) -> None:
    """Foam along a crest: lobes that shrink towards its ends, one outline round all, spray."""
    place = np.linspace(0, 1, 2 * len(crest))
    at = np.stack(
        [np.interp(place * (len(crest) - 1), np.arange(len(crest)), crest[:, k]) for k in (0, 1)],
        -1,
    )
    swell = size * (0.25 + np.sin(np.pi * place) ** 0.8)
    lobes = [(at, swell * rng.uniform(0.65, 1.0, len(at)))]
    for share in (0.55, 0.34):
        turn = rng.uniform(0, 2 * np.pi, len(at))
        out = np.stack([np.cos(turn), np.sin(turn)], -1) * swell[:, None] * 1.05
        lobes.append((at + out, swell * share * rng.uniform(0.7, 1.2, len(at))))
    for centres, radii in lobes:
        block.discs(centres, radii, 0.0016)
    for centres, radii in lobes:
        block.discs(centres, radii, 0)
    for centre, radius in zip(at[::3], swell[::3], strict=True):
        turn = np.linspace(0.4, 2.4, 12) + rng.uniform(0, 6)
        block.cut(centre + 0.6 * radius * np.stack([np.cos(turn), np.sin(turn)], -1), 0.0013)
    spray = crest[rng.integers(0, len(crest), 16)] + rng.normal(size=(16, 2)) * size * np.array(
        [2.2, 1.3]
    )
    spray[:, 1] -= 1.6 * size
    radii = size * rng.uniform(0.06, 0.2, 16)
    block.discs(spray, radii, 0.0012)
    block.discs(spray, radii, 0)


def wave_row(
    block: Block,
    level: float,
    tall: float,
    long: float,
    shift: float,
    ink: str,
    rng: np.random.Generator,
) -> None:
    """One row of rolling waves across the sheet: body, stripes along it, and foam on each crest."""
    phase = np.linspace(-2 * np.pi, 2 * np.pi * (1 / long + 2), int(260 / long))
    across, height = rolling(phase, min(1.0, tall * 11))
    vary = 1 + 0.28 * np.sin(phase * 0.37 + shift * 9)
    top = np.stack([across * long + shift - long, level - tall * height * vary], -1)
    foot = np.array([[top[-1, 0], 1.2], [top[0, 0], 1.2]])
    block.shape(np.vstack([top, foot]), ink, 0.0024)
    for number in range(1, 8):
        sink = tall * 0.27 * number
        inner = top + np.stack(
            [0.03 * long * number * np.ones(len(top)), sink * (1 - 0.25 * height)], -1
        )
        pieces = np.split(inner, np.flatnonzero(rng.random(len(inner)) < 0.02))
        for piece in pieces:
            if len(piece) > 6:
                block.cut(piece, 0.0026 * (1 - 0.07 * number))
    per_wave = len(phase) / (1 / long + 4)
    for crest in np.flatnonzero((height[1:-1] > height[:-2]) & (height[1:-1] >= height[2:])) + 1:
        begin, end = int(crest - 0.10 * per_wave), int(crest + 0.17 * per_wave)
        foam(block, top[max(begin, 0) : end], tall * 0.17, rng)


def clouds(block: Block, rng: np.random.Generator) -> None:
    """Banks of mist in the old manner: rounded bars that overlap."""
    for y, left, right in (
        (0.072, 0.46, 0.83),
        (0.094, 0.58, 1.1),
        (0.155, -0.1, 0.17),
        (0.176, -0.1, 0.36),
        (0.252, 0.70, 1.1),
        (0.272, 0.80, 1.1),
    ):
        half = 0.0125
        turn = np.linspace(-np.pi / 2, np.pi / 2, 20)
        cap = half * np.stack([np.cos(turn), np.sin(turn)], -1)
        block.shape(
            np.vstack([np.array([right, y]) + cap, np.array([left, y]) - cap]), "#efe0bf", 0.0015
        )
        for number in range(3):
            start = rng.uniform(left, right - 0.08)
            run = np.linspace(start, start + rng.uniform(0.05, 0.16), 12)
            run = run[(run < right) & (run > left)]
            level = y - half * (0.4 - 0.4 * number)
            if len(run) > 3:
                block.cut(np.stack([run, np.full(len(run), level)], -1), 0.0011)


def mountain(block: Block) -> None:
    """A far volcano with snow in its gullies."""
    side = np.linspace(0, 1, 60)
    slope = 0.30 * side**1.0 + 0.10 * side**3
    left = np.stack([0.605 - slope, 0.225 + 0.17 * side**0.85], -1)
    right = np.stack([0.645 + slope, 0.225 + 0.17 * side**0.85], -1)
    block.shape(np.vstack([left[::-1], right]), "#56789a", 0.0018)
    gully = np.linspace(0, 1, 13)
    hem = np.stack(
        [0.535 + 0.185 * gully, 0.273 + 0.022 * (np.arange(13) % 2) + 0.006 * np.sin(9 * gully)], -1
    )
    cap = np.vstack([left[:18], hem[::1], right[:18][::-1]])
    block.shape(cap[np.isfinite(cap).all(axis=1)], FOAM, 0.0014)


def sky(canvas: Canvas, rng: np.random.Generator) -> Array:
    """Wiped from indigo at the top to a warm horizon, with a red sun."""
    x, y = canvas.grid()
    wiped = y + 0.010 * fractal_noise(canvas.shape, 5, rng, 4, stretch=6)
    colour = gradient(
        ("#20406f", "#5f8ba6", "#b9c9b8", "#ecdcb6", "#f2d9a9", "#eebd86", "#e39a72"),
        (wiped / 0.4) ** 0.72,
    )
    sun = smoothstep(0.0862, 0.0850, np.hypot(x - 0.285, y - 0.165))
    return mix(colour, np.broadcast_to(from_hex("#c8402f"), colour.shape), sun)


def paint(size: int = 1024, seed: int = 1831) -> Image.Image:
    """The print, landscape, RGB, `size` pixels on its longer side."""
    rng = np.random.default_rng(seed)
    canvas = Canvas(size, 1.42, 2)
    block = Block(canvas)
    block.lay(sky(canvas, rng))
    clouds(block, rng)
    mountain(block)
    rows = (
        (0.385, 0.014, 0.085, 0.02, INDIGO[3]),
        (0.420, 0.024, 0.130, 0.07, INDIGO[2]),
        (0.470, 0.042, 0.210, 0.00, INDIGO[1]),
        (0.545, 0.064, 0.320, 0.13, INDIGO[2]),
        (0.640, 0.090, 0.440, -0.06, INDIGO[0]),
        (0.740, 0.075, 0.400, 0.16, INDIGO[1]),
    )
    for level, tall, long, shift, ink in rows:
        wave_row(block, level, tall, long, shift, ink, rng)
    return canvas.finish(printed(block, canvas, rng))
