"""A starry night over a lake, in brush strokes: what is where, and which way the wind draws it."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.procedural.canvas import Array, Canvas, mix, smoothstep
from models.procedural.noise import fractal_noise
from models.procedural.palette import from_hex, gradient
from models.procedural.strokes import Brush, Motif, Sheet

Regions = NDArray[np.int64]

SKY = ("#0b1640", "#16327a", "#2456a8", "#3f86c4", "#8fc3cf", "#d9dfb0")
GLOW = ("#fff3b8", "#ffd95a", "#f2b632", "#9fc79a", "#4f97c0", "#2a5fae")
# Eddies: x, y, radius, turning right (+) or left (-).
EDDIES = (
    (0.36, 0.27, 0.15, 1.0),
    (0.60, 0.20, 0.10, -1.0),
    (0.13, 0.19, 0.09, -1.0),
    (0.80, 0.33, 0.08, 1.0),
)
STARS = (
    (0.055, 0.065, 0.024),
    (0.225, 0.085, 0.040),
    (0.425, 0.060, 0.026),
    (0.505, 0.365, 0.030),
    (0.655, 0.055, 0.032),
    (0.700, 0.385, 0.017),
    (0.205, 0.365, 0.026),
    (0.955, 0.315, 0.028),
    (0.045, 0.330, 0.017),
    (0.330, 0.445, 0.012),
    (0.545, 0.110, 0.013),
    (0.140, 0.060, 0.011),
)
MOON = (0.88, 0.12, 0.085)
SHORE = 0.555


def wind(x: Array, y: Array) -> tuple[Array, Array]:
    """The angle of the flow in the sky, and a band number that is constant along it (period 1)."""
    right = np.ones_like(x)
    down = 0.45 * np.cos(9 * x + 4 * y)
    band = 9 * y - 0.45 * np.sin(9 * x + 4 * y)
    swing = np.sin(2 * np.pi * band)
    for cx, cy, radius, sense in EDDIES:
        dx, dy = x - cx, y - cy
        far = np.hypot(dx, dy)
        pull = np.exp(-((far / radius) ** 2.6)) * 6
        right += pull * (-dy * sense - 0.22 * dx) / np.maximum(far, 1e-4)
        down += pull * (dx * sense - 0.22 * dy) / np.maximum(far, 1e-4)
        spiral = np.sin(2 * np.pi * far / radius * 2.1 - 2 * sense * np.arctan2(dy, dx))
        swing += (spiral - swing) * np.minimum(pull, 1)
    return np.arctan2(down, right), swing


def sky(x: Array, y: Array, drift: Array) -> tuple[Array, Array]:
    """Colour and angle of the night sky with its stars and moon."""
    angle, swing = wind(x, y)
    tone = 0.36 + 0.24 * swing + 0.10 * drift + 0.42 * smoothstep(0.36, SHORE, y)
    for cx, cy, radius, _ in EDDIES:
        tone = tone + 0.2 * np.exp(-(((x - cx) ** 2 + (y - cy) ** 2) / (radius * 0.5) ** 2))
    colour = gradient(SKY, tone)
    for cx, cy, radius in (*STARS, MOON):
        far = np.hypot(x - cx, y - cy) / radius
        ring = far + 0.05 * np.sin(far * 12)
        cover = smoothstep(2.1, 0.9, far)
        glow = gradient(GLOW, ring / 2.1 + (0.12 if radius == MOON[2] else 0))
        colour = mix(colour, glow, cover)
        around = np.arctan2(y - cy, x - cx) + np.pi / 2
        angle = np.where(far < 1.9, around, angle)
    cx, cy, radius = MOON
    crescent = (np.hypot(x - cx, y - cy) < 0.78 * radius) & (
        np.hypot(x - cx + 0.36 * radius, y - cy + 0.12 * radius) > 0.62 * radius
    )
    return mix(
        colour, np.broadcast_to(from_hex("#fff4c4"), colour.shape), np.where(crescent, 1.0, 0.0)
    ), angle


def mountains(x: Array, y: Array, colour: Array, angle: Array, region: Regions) -> None:
    """Three ridges before the sky, written into the fields."""
    ridges = (
        (0.455, 0.050, 5.0, 0.4, ("#5f86b8", "#2c4f93")),
        (0.500, 0.036, 7.0, 2.1, ("#33609b", "#1b3672")),
        (0.532, 0.022, 11.0, 4.0, ("#1f5560", "#10293f")),
    )
    for number, (base, rise, pace, phase, stops) in enumerate(ridges):
        bump = (
            np.sin(pace * x + phase)
            + 0.5 * np.sin(2.3 * pace * x + 2 * phase)
            + 0.2 * np.sin(6 * pace * x)
        )
        top = base - rise * bump
        inside = y > top
        tone = (y - top) / 0.08 + 0.25 * np.sin((y - top) * 260)
        slope = -rise * pace * np.cos(pace * x + phase)
        colour[inside] = gradient(stops, tone)[inside]
        angle[inside] = np.arctan(slope * 1.6 + 0.4)[inside]
        region[inside] = number + 1


def lake(x: Array, y: Array, drift: Array, colour: Array, angle: Array, region: Regions) -> None:
    """Water below the shore: the sky's colours again, with a path of light under each star."""
    inside = y > SHORE
    depth = np.clip((y - SHORE) / (0.8 - SHORE), 0, 1)
    ripple = np.sin(2 * np.pi * (depth**0.7 * 13 + 0.5 * drift))
    water = gradient(
        ("#0b1a45", "#123a7c", "#1f63a0", "#3f97b4", "#9ccbb8"),
        0.42 + 0.2 * ripple - 0.3 * depth + 0.1 * drift,
    )
    for cx, _, radius in (*STARS, MOON):
        wide = radius * (0.28 + 0.5 * depth) * (1 + 0.5 * ripple)
        path = np.exp(-(((x - cx - 0.008 * ripple) / wide) ** 2)) * (
            0.35 + 0.65 * smoothstep(-0.3, 0.7, ripple)
        )
        water = mix(
            water,
            gradient(("#ffd95a", "#f2a93b"), depth),
            np.clip(path * (1.05 - 0.5 * depth), 0, 1),
        )
    colour[inside] = water[inside]
    angle[inside] = (0.16 * np.sin(14 * x + 30 * y))[inside]
    region[inside] = 4


def trees(x: Array, y: Array, colour: Array, angle: Array, region: Regions) -> None:
    """Poplars on the near bank, flickering upwards like flames."""
    for number, (foot, top, wide) in enumerate(
        ((0.915, 0.30, 0.036), (0.972, 0.40, 0.034), (0.862, 0.46, 0.026))
    ):
        rise = np.clip((0.83 - y) / (0.83 - top), 0, 1)
        sway = foot + 0.012 * np.sin(9 * y + number) + 0.004 * np.sin(60 * y)
        half = (
            wide
            * np.sqrt(np.clip(1 - rise, 0, 1))
            * (0.75 + 0.25 * np.sin(rise * 17 + number))
            * smoothstep(1, 0.93, rise)
        )
        inside = (np.abs(x - sway) < half) & (y > top)
        tone = 0.5 + 0.5 * np.sin(110 * (x - sway) + 14 * y)
        colour[inside] = gradient(("#0a1f1c", "#14402f", "#2f5f33", "#6d7f35"), tone * 0.9)[inside]
        angle[inside] = (-np.pi / 2 + 0.5 * np.sin(40 * y + 30 * (x - sway)))[inside]
        region[inside] = 5 + number


def motif(canvas: Canvas, rng: np.random.Generator) -> Motif:
    """The whole scene on the canvas's grid."""
    x, y = canvas.grid()
    drift = fractal_noise(canvas.shape, 6, rng, 4, stretch=2)
    colour, angle = sky(x, y, drift)
    region = np.zeros(canvas.shape, dtype=np.int64)
    mountains(x, y, colour, angle, region)
    lake(x, y, drift, colour, angle, region)
    trees(x, y, colour, angle, region)
    return Motif(colour, angle, region)


def paint(size: int = 1024, seed: int = 1889) -> Image.Image:
    """The painting, 5 : 4, RGB, `size` pixels on its longer side."""
    rng = np.random.default_rng(seed)
    canvas = Canvas(size, 1.25, 2)
    scene = motif(Canvas(max(size // 2, 64), 1.25, 1), rng)
    sheet = Sheet(canvas.width, canvas.height, scene)
    sheet.lay(Brush(0.085, 0.016, 3500, 11), rng)
    sheet.lay(Brush(0.050, 0.0095, 9000, 8, 0.045, 0.014), rng)
    x, y = (
        field / max(scene.angle.shape)
        for field in np.meshgrid(*map(np.arange, scene.angle.shape[::-1]))
    )
    bright = np.max(
        [smoothstep(2.4, 1.4, np.hypot(x - sx, y - sy) / r) for sx, sy, r in (*STARS, MOON)], axis=0
    )
    fine = np.clip(bright + 0.7 * (scene.region >= 4) + 0.25 * (scene.region > 0) + 0.08, 0, 1)
    sheet.lay(Brush(0.026, 0.0062, 12000, 6, 0.05, 0.015), rng, fine)
    return canvas.finish(sheet.lighted())
