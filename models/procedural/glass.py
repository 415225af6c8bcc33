"""Stained glass: a rose window, cut by circles, spokes and petals, leaded, with daylight behind it.

A pane is a set of pixels that agree on every cut, so the leads are wherever two neighbours differ.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.procedural.canvas import Array, Canvas, blur, mix, smoothstep
from models.procedural.noise import fractal_noise
from models.procedural.palette import from_hex, gradient, jitter, to_linear, to_srgb
from models.procedural.relief import glint, lit

FOLD = 12
RUBY, GOLD = ("#5c0612", "#b3101f", "#e8402c"), ("#a85a08", "#f0a51c", "#ffe07a")
COBALT, SKY = ("#07104d", "#1436b4", "#2f77e0"), ("#0f4d8f", "#3aa0dc", "#b5e6f2")
EMERALD, VIOLET = ("#04361f", "#0f7d45", "#63c46a"), ("#260a4d", "#5d23a0", "#a06ad8")
PEARL = ("#c9b98c", "#f2e6c2", "#fffbee")
GLASSES = (RUBY, GOLD, COBALT, SKY, EMERALD, VIOLET, PEARL)


def petal(
    far: Array, turn: Array, count: int, at: float, size: float, offset: float, point: float
) -> Array:
    """How far out each place is in the nearest of `count` petals on a ring: 1 on the rim.

    `point` > 0 draws the petal out to a point away from the window's centre.
    """
    pitch = 2 * np.pi / count
    near = (turn / pitch - offset + 0.5) % 1 - 0.5
    along, across = far * np.cos(near * pitch) - at, far * np.sin(near * pitch)
    narrow = 1 + point * along / size
    return np.asarray(np.hypot(along / 1.25, across * np.maximum(narrow, 0.2)) / size)


def window(x: Array, y: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The cuts of the rose: a number for each pane's kind of glass, and one that tells panes apart."""
    dx, dy = x - 0.5, y - 0.5
    far, turn = np.hypot(dx, dy), np.arctan2(dx, -dy)
    glass = np.zeros(x.shape, dtype=np.int64)
    part = np.zeros(x.shape, dtype=np.int64)
    spoke = np.floor((turn / (2 * np.pi) * FOLD) % FOLD).astype(np.int64)
    half_spoke = np.floor((turn / (2 * np.pi) * FOLD + 0.5) % FOLD).astype(np.int64)
    fine = np.floor((turn / (2 * np.pi) * 4 * FOLD) % (4 * FOLD)).astype(np.int64)

    def lay(where: NDArray[np.bool_], kind: int | Array, cell: Array | int, group: int) -> None:
        glass[where] = np.broadcast_to(kind, x.shape)[where]
        part[where] = np.broadcast_to(group * 1000 + cell, x.shape)[where]

    # Spandrels: rings about the corners behind the rose, broken by bricks.
    corner = np.hypot(np.abs(dx) - 0.5, np.abs(dy) - 0.5)
    ring = np.floor(corner / 0.055).astype(np.int64)
    brick = np.floor(
        (np.arctan2(0.5 - np.abs(dy), 0.5 - np.abs(dx)) / (np.pi / 2)) * (2 + 1.6 * ring)
        + 0.5 * (ring % 2)
    )
    side = 2 * (dx > 0) + (dy > 0)
    lay(
        np.ones(x.shape, dtype=bool),
        np.array([0, 2, 1, 5, 2, 4, 2, 5, 0, 2, 2, 2, 2])[np.minimum(ring, 12)],
        side * 200 + ring * 20 + brick.astype(np.int64),
        1,
    )
    lay(far < 0.487, 1, fine, 2)
    lay(far < 0.466, 2, 2 * spoke + (far > 0.415), 3)
    outer = petal(far, turn, FOLD, 0.405, 0.046, 0.5, 0.0)
    lay((outer < 1) & (far < 0.466), 0, 2 * spoke + 100, 4)
    lay((outer < 0.66) & (far < 0.466), 3 + 0 * spoke, spoke, 5)
    lay((outer < 0.33) & (far < 0.466), 1, spoke, 6)
    big = petal(far, turn, FOLD, 0.275, 0.068, 0.0, -0.30)
    lay((far < 0.335), 5, half_spoke * 2 + (far > 0.28), 7)
    lay(
        big < 1.16,
        1,
        half_spoke * 4 + np.floor(np.clip(4 * (far - 0.18) / 0.2, 0, 3)).astype(np.int64),
        8,
    )
    lay(
        big < 0.97,
        np.where(half_spoke % 2 == 0, 2, 4),
        half_spoke * 2 + ((turn / (2 * np.pi) * FOLD + 0.5) % 1 > 0.5),
        9,
    )
    lay(
        big < 0.60,
        np.where(half_spoke % 2 == 0, 0, 1),
        half_spoke * 3 + np.floor(np.clip((far - 0.225) / 0.05, 0, 2)).astype(np.int64),
        10,
    )
    lay(far < 0.185, 3, spoke * 2 + 1, 11)
    inner = petal(far, turn, FOLD, 0.142, 0.032, 0.5, -0.3)
    lay((inner < 1) & (far < 0.185), 0, spoke, 12)
    lay((inner < 0.5) & (far < 0.185), 6, spoke, 13)
    lay(far < 0.098, 1, fine // 2, 14)
    lay(far < 0.080, 2, half_spoke, 15)
    heart = petal(far, turn, 6, 0.042, 0.024, 0.0, -0.4)
    lay(heart < 1, 0, half_spoke // 2, 16)
    lay(far < 0.024, 1, 0, 17)
    return glass, part


def leads(part: NDArray[np.int64], reach: float) -> Array:
    """Rounded lead came along every cut: 0 on glass, 1 at the middle of a lead `reach` pixels wide."""
    cut = np.zeros(part.shape)
    for axis in (0, 1):
        cut = np.maximum(cut, 1.0 * (part != np.roll(part, 1, axis)))
    cut[[0, -1], :] = cut[:, [0, -1]] = 1
    spread = blur(cut, reach / 2)
    return np.clip(spread / (0.42 / reach * 1.6), 0, 1.4)


def glow(
    glass: NDArray[np.int64], part: NDArray[np.int64], canvas: Canvas, rng: np.random.Generator
) -> Array:
    """Linear light through the panes: each its own shade, streaked, seeded with bubbles, brighter within."""
    number, pane = np.unique(part, return_inverse=True)
    shade = rng.uniform(0.28, 0.72, len(number))[pane.reshape(part.shape)]
    turn = rng.uniform(0, np.pi, len(number))[pane.reshape(part.shape)]
    streaks = [
        fractal_noise(canvas.shape, 10, rng, 5, 0.55, stretch=stretch) for stretch in (4.0, 0.25)
    ]
    streak = np.where(np.sin(turn) > 0.7, streaks[0], streaks[1])
    tone = shade + 0.13 * streak + 0.05 * fractal_noise(canvas.shape, 90, rng, 3)
    colour = np.zeros((*canvas.shape, 3))
    for kind, stops in enumerate(GLASSES):
        here = glass == kind
        colour[here] = gradient(stops, tone[here])
    tint = jitter(np.full((len(number), 3), 0.5), rng, 0.0, 0.022)[pane.reshape(part.shape)] - 0.5
    return to_linear(np.clip(colour + tint, 0, 1))


def paint(size: int = 1024, seed: int = 1250) -> Image.Image:
    """The window, square, RGB, `size` pixels a side."""
    rng = np.random.default_rng(seed)
    canvas = Canvas(size, 1.0, 2)
    x, y = canvas.grid()
    warp = [0.0011 * fractal_noise(canvas.shape, 14, rng, 3) for _ in range(2)]
    glass, part = window(x + warp[0], y + warp[1])
    light = glow(glass, part, canvas, rng)
    thick = canvas.unit / 2048
    came = leads(part, 7 * thick)
    day = 0.72 + 0.75 * np.exp(-(((x - 0.46) / 0.42) ** 2) - ((y - 0.40) / 0.46) ** 2)
    dim = 1 - 0.5 * blur(np.minimum(came, 1), 7 * thick)
    ripple = fractal_noise(canvas.shape, 70, rng, 3)
    light = light * (day * dim * lit(2.0 * thick * ripple) ** 0.5)[..., None]
    halo = np.stack([blur(light[..., channel], 11 * thick) for channel in range(3)], -1)
    return canvas.finish(to_srgb(leaded(light + 0.14 * halo, halo, came, canvas, rng)))


def leaded(
    light: Array, halo: Array, came: Array, canvas: Canvas, rng: np.random.Generator
) -> Array:
    """Lead over glass: dark and round, with a dull gleam and the colour that spills on to it."""
    thick = canvas.unit / 2048
    height = np.sqrt(np.clip(came, 0, 1)) * 4.5 * thick + 0.25 * fractal_noise(
        canvas.shape, 200, rng, 3
    )
    gleam = glint(blur(height, 1.2 * thick), 18, elevation=50)
    lead = to_linear(from_hex("#17161a")) + 0.10 * gleam[..., None] + 0.16 * halo
    return mix(light, lead, smoothstep(0.42, 0.62, came))
