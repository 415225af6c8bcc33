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

Numbers = NDArray[np.int64]

FOLD = 12
RUBY, GOLD = ("#5c0612", "#b3101f", "#e8402c"), ("#a85a08", "#f0a51c", "#ffe07a")
COBALT, SKY = ("#07104d", "#1436b4", "#2f77e0"), ("#0f4d8f", "#3aa0dc", "#b5e6f2")
EMERALD, VIOLET = ("#04361f", "#0f7d45", "#63c46a"), ("#260a4d", "#5d23a0", "#a06ad8")
PEARL = ("#c9b98c", "#f2e6c2", "#fffbee")
GLASSES = (RUBY, GOLD, COBALT, SKY, EMERALD, VIOLET, PEARL)


class Rose:
    """A window being cut: at each place the kind of glass, and a number that only its pane has.

    `far` and `turn` are polar coordinates about the middle, the turn in whole turns clockwise.
    """

    def __init__(self, x: Array, y: Array) -> None:
        self.right, self.down = x - 0.5, y - 0.5
        self.far = np.hypot(self.right, self.down)
        self.turn = np.arctan2(self.right, -self.down) / (2 * np.pi)
        self.glass: Numbers = np.zeros(x.shape, dtype=np.int64)
        self.pane: Numbers = np.zeros(x.shape, dtype=np.int64)
        self.cuts = 0

    def slices(self, count: int, offset: float = 0.0) -> Numbers:
        """Which of `count` equal slices of the circle each place is in."""
        return np.floor((self.turn * count + offset) % count).astype(np.int64)

    def lay(self, where: NDArray[np.bool_], kind: int | Numbers, cell: int | Numbers) -> None:
        """Put glass of a `kind` over what was laid before; places of one `cell` share a pane."""
        self.cuts += 1
        self.glass[where] = np.broadcast_to(kind, where.shape)[where]
        self.pane[where] = np.broadcast_to(self.cuts * 1000 + cell, where.shape)[where]

    def petals(self, count: int, at: float, size: float, offset: float, point: float) -> Array:
        """How far out each place is in the nearest of `count` petals `at` a radius: 1 on the rim.

        `point` < 0 draws the petals in to a point towards the middle.
        """
        near = ((self.turn * count - offset + 0.5) % 1 - 0.5) * 2 * np.pi / count
        along, across = self.far * np.cos(near) - at, self.far * np.sin(near)
        narrow = np.maximum(1 + point * along / size, 0.2)
        return np.asarray(np.hypot(along / 1.25, across * narrow) / size)


def spandrels(rose: Rose) -> None:
    """The corners: rings of bricks about each, behind the rose."""
    right, down = 0.5 - np.abs(rose.right), 0.5 - np.abs(rose.down)
    ring = np.floor(np.hypot(right, down) / 0.055).astype(np.int64)
    along = np.arctan2(down, right) / (np.pi / 2) * (2 + 1.6 * ring) + 0.5 * (ring % 2)
    corner = 2 * (rose.right > 0) + (rose.down > 0)
    kinds = np.array([0, 2, 1, 5, 2, 4, 2, 5, 0, 2, 2, 2, 2])[np.minimum(ring, 12)]
    cell = corner * 200 + ring * 20 + np.floor(along).astype(np.int64)
    rose.lay(np.ones(ring.shape, dtype=bool), kinds, cell)


def rim(rose: Rose) -> None:
    """The rim: a pearled hoop of gold, and roundels on a band of blue."""
    spoke = rose.slices(FOLD)
    rose.lay(rose.far < 0.487, 1, rose.slices(4 * FOLD))
    band = rose.far < 0.466
    rose.lay(band, 2, 2 * spoke + (rose.far > 0.415))
    roundel = rose.petals(FOLD, 0.405, 0.046, 0.5, 0.0)
    for reach, kind in ((1.0, 0), (0.66, 3), (0.33, 1)):
        rose.lay((roundel < reach) & band, kind, spoke)


def great_petals(rose: Rose) -> None:
    """Twelve petals on violet, cobalt about ruby and emerald about gold by turns."""
    half = rose.slices(FOLD, 0.5)
    rose.lay(rose.far < 0.335, 5, half * 2 + (rose.far > 0.28))
    petal = rose.petals(FOLD, 0.275, 0.068, 0.0, -0.30)
    even = half % 2 == 0
    quarter = np.floor(np.clip(4 * (rose.far - 0.18) / 0.2, 0, 3)).astype(np.int64)
    rose.lay(petal < 1.16, 1, half * 4 + quarter)
    rose.lay(petal < 0.97, np.where(even, 2, 4), rose.slices(2 * FOLD))
    third = np.floor(np.clip((rose.far - 0.225) / 0.05, 0, 2)).astype(np.int64)
    rose.lay(petal < 0.60, np.where(even, 0, 1), half * 3 + third)


def heart(rose: Rose) -> None:
    """The middle: drops of ruby and pearl on pale blue round a red flower."""
    spoke, inside = rose.slices(FOLD), rose.far < 0.185
    rose.lay(inside, 3, spoke)
    drop = rose.petals(FOLD, 0.142, 0.032, 0.5, -0.3)
    rose.lay((drop < 1) & inside, 0, spoke)
    rose.lay((drop < 0.5) & inside, 6, spoke)
    rose.lay(rose.far < 0.098, 1, rose.slices(2 * FOLD))
    rose.lay(rose.far < 0.080, 2, rose.slices(FOLD, 0.5))
    rose.lay(rose.petals(6, 0.042, 0.024, 0.0, -0.4) < 1, 0, rose.slices(6, 0.5))
    rose.lay(rose.far < 0.024, 1, 0)


def window(x: Array, y: Array) -> Rose:
    """The whole window, cut from its corners to its heart; x and y run over 0..1."""
    rose = Rose(x, y)
    for cut in (spandrels, rim, great_petals, heart):
        cut(rose)
    return rose


def leads(part: Numbers, reach: float) -> Array:
    """Lead came along every cut: 0 on glass, 1 at the middle of a lead `reach` pixels wide."""
    cut = np.zeros(part.shape)
    for axis in (0, 1):
        cut = np.maximum(cut, 1.0 * (part != np.roll(part, 1, axis)))
    cut[[0, -1], :] = cut[:, [0, -1]] = 1
    spread = blur(cut, reach / 2)
    return np.clip(spread / (0.42 / reach * 1.6), 0, 1.4)


def glow(glass: Numbers, part: Numbers, canvas: Canvas, rng: np.random.Generator) -> Array:
    """Linear light through the panes: each has its own shade, streaks and tint."""
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
    rose = window(x + warp[0], y + warp[1])
    light = glow(rose.glass, rose.pane, canvas, rng)
    thick = canvas.unit / 2048
    came = leads(rose.pane, 7 * thick)
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
