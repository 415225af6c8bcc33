"""A mosaic: square stones laid along the lines of a picture, in grout.

Hausner, "Simulating decorative mosaics" (SIGGRAPH 2001): a Voronoi diagram in the metric
max(|u|, |v|), u and v turned to the picture's direction at each stone, relaxed by moving every
stone to the middle of its cell (Lloyd). The diagram is a z-buffer of pyramids, one a stone.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.procedural.canvas import Array, Canvas, blur, mix, sample
from models.procedural.noise import fractal_noise
from models.procedural.palette import from_hex, gradient, jitter
from models.procedural.relief import glint, lit

FAN = (0.5, 0.90)
EYE = ("#0a1240", "#142a86", "#1d7fa6", "#29b3a0", "#b98a2c", "#d7b04a", "#3f8f4a")


def owners(at: Array, angle: Array, side: float, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Which stone each pixel belongs to: the nearest by the turned metric. Lengths in pixels."""
    reach = int(np.ceil(side * 1.9))
    offset = np.arange(-reach, reach + 1)
    right, down = (field.ravel() for field in np.meshgrid(offset, offset))
    buffer = np.full(shape[0] * shape[1], np.iinfo(np.int64).max)
    for start in range(0, len(at), 64):
        number = np.arange(start, min(start + 64, len(at)))
        column = at[number, 0].astype(np.int64)[:, None] + right
        row = at[number, 1].astype(np.int64)[:, None] + down
        dx, dy = column + 0.5 - at[number, 0, None], row + 0.5 - at[number, 1, None]
        cos, sin = np.cos(angle[number, None]), np.sin(angle[number, None])
        far = np.maximum(np.abs(dx * cos + dy * sin), np.abs(dy * cos - dx * sin))
        key = ((far * 4096).astype(np.int64) << 24) | number[:, None]
        seen = (column >= 0) & (column < shape[1]) & (row >= 0) & (row < shape[0])
        np.minimum.at(buffer, (row * shape[1] + column)[seen], key[seen])
    return (buffer & 0xFFFFFF).reshape(shape)


def centres(owner: NDArray[np.int64], at: Array) -> Array:
    """The mean place of each stone's pixels; a stone without pixels stays where it is."""
    flat, count = owner.ravel(), len(at)
    inside = flat < count
    area = np.bincount(flat[inside], minlength=count)[:count]
    rows, columns = np.divmod(np.arange(flat.size), owner.shape[1])
    moved = at.copy()
    for axis, place in enumerate((columns, rows)):
        total = np.bincount(flat[inside], weights=place[inside] + 0.5, minlength=count)[:count]
        moved[area > 0, axis] = total[area > 0] / area[area > 0]
    return moved


def peacock(x: Array, y: Array) -> tuple[Array, Array, Array]:
    """A peacock's fan on gold: colour, direction in radians, and how golden each place is."""
    dx, dy = x - FAN[0], y - FAN[1]
    far, turn = np.hypot(dx, dy), np.arctan2(-dy, dx)
    wave = 0.5 + 0.5 * np.sin(2 * np.pi * (9 * far + 0.9 * np.sin(5 * turn)))
    colour = gradient(("#b98524", "#e0b24a", "#f3d27c", "#d9a23a"), 0.25 + 0.55 * wave)
    angle = turn + np.pi / 2
    gold = np.ones_like(x)
    fan = (far < 0.80) & (turn > 0.06) & (turn < np.pi - 0.06)
    feather = gradient(
        ("#0c3b3a", "#14665a", "#2f8a55", "#86a63e"), 0.5 + 0.5 * np.sin(turn * 64 + far * 30)
    )
    colour, gold = np.where(fan[..., None], feather, colour), np.where(fan, 0, gold)
    for ring, (radius, size, count) in enumerate(RINGS):
        pitch = np.pi / count
        slot = np.clip(np.floor((turn / pitch) + 0.5 * (ring % 2)), 0, count)
        middle = (slot + 0.5 - 0.5 * (ring % 2)) * pitch
        ex, ey = FAN[0] + radius * np.cos(middle), FAN[1] - radius * np.sin(middle)
        away = np.hypot(x - ex, y - ey)
        along = (far - radius) / size
        drop = away / size * (1 + 0.28 * np.clip(-along, -1, 1))
        inside = (drop < 1) & (turn > 0) & (middle > 0.05) & (middle < np.pi - 0.05)
        colour = np.where(inside[..., None], gradient(EYE, drop), colour)
        angle = np.where(drop < 1.15, np.arctan2(y - ey, x - ex), angle)
        gold = np.where(inside, (drop > 0.6) * (drop < 0.86) * 1.0, gold)
    return bird(x, y, colour, angle, gold)


RINGS = (
    (0.735, 0.062, 17),
    (0.600, 0.056, 14),
    (0.475, 0.050, 11),
    (0.360, 0.044, 9),
    (0.258, 0.036, 7),
)


def bird(
    x: Array, y: Array, colour: Array, angle: Array, gold: Array
) -> tuple[Array, Array, Array]:
    """The bird itself before its fan: a blue breast, a curved neck, a small crowned head."""
    rise = np.clip((0.98 - y) / 0.52, 0, 1)
    spine = 0.5 + 0.035 * np.sin(rise * 5.2 + 0.5) * rise
    half = (
        0.1 * (1 - rise) ** 0.9 * (0.75 + 0.6 * np.sin(np.pi * np.clip(rise * 1.4, 0, 1))) + 0.024
    )
    head = np.hypot((x - 0.497) * 0.95, y - 0.468) < 0.037
    body = ((np.abs(x - spine) < half) & (y > 0.468) & (y < 1.0)) | head
    scale = 0.5 + 0.5 * np.sin(150 * rise) * np.cos(55 * (x - spine))
    blue = gradient(
        ("#0b1a63", "#1646b4", "#1f86cf", "#5fc9d8"),
        0.15 + 0.45 * scale + 0.35 * rise * (x < spine),
    )
    colour = np.where(body[..., None], blue, colour)
    angle = np.where(body, 0.9 * (x - spine) / np.maximum(half, 1e-3), angle)
    beak = (x > 0.525) & (x < 0.566) & (np.abs(y - 0.474) < 0.013 * (0.566 - x) / 0.041)
    colour = np.where(beak[..., None], from_hex("#f0c75a"), colour)
    for number in range(5):
        lean = np.deg2rad(60 + 15 * number)
        tip = 0.495 + 0.085 * np.cos(lean), 0.445 - 0.085 * np.sin(lean)
        colour = np.where(
            (np.hypot(x - tip[0], y - tip[1]) < 0.014)[..., None], from_hex("#35c2c4"), colour
        )
    eye = np.hypot(x - 0.506, y - 0.463)
    colour = np.where((eye < 0.0125)[..., None], from_hex("#fff6e0"), colour)
    colour = np.where((eye < 0.0065)[..., None], from_hex("#060a18"), colour)
    return colour, angle, np.where(body, 0, gold)


def seeds(canvas: Canvas, side: float, rng: np.random.Generator) -> Array:
    """Stones on a jittered grid about `side` pixels apart, (n, 2)."""
    columns, rows = round(canvas.width / side), round(canvas.height / side)
    grid = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1).reshape(-1, 2) + 0.5
    spot = grid + rng.uniform(-0.3, 0.3, grid.shape)
    return np.asarray(spot * [canvas.width / columns, canvas.height / rows])


def paint(size: int = 1024, seed: int = 547) -> Image.Image:
    """The mosaic, square, RGB, `size` pixels a side."""
    rng = np.random.default_rng(seed)
    canvas = Canvas(size, 1.0, 2)
    colour, angle, gold = peacock(*canvas.grid())
    turn = np.stack([np.cos(4 * angle), np.sin(4 * angle)], -1)
    side = canvas.unit / 92
    at = seeds(canvas, side, rng)
    for _ in range(7):
        heading = sample(turn, at[:, 0], at[:, 1])
        owner = owners(at, np.arctan2(heading[:, 1], heading[:, 0]) / 4, side, canvas.shape)
        at = centres(owner, at)
    owner = np.minimum(owner, len(at) - 1)
    stone = jitter(sample(colour, at[:, 0], at[:, 1]), rng, 0.035, 0.012)
    return canvas.finish(laid(stone[owner], owner, sample(gold, at[:, 0], at[:, 1]), canvas, rng))


def laid(
    stones: Array, owner: NDArray[np.int64], gold: Array, canvas: Canvas, rng: np.random.Generator
) -> Array:
    """Stones set in grout: bevelled, each tilted a little to catch the light its own way."""
    joint = np.zeros(owner.shape, dtype=bool)
    for axis in (0, 1):
        joint |= owner != np.roll(owner, 1, axis)
    thick = canvas.unit / 2048
    gap = np.clip(blur(1.0 * joint, 1.1 * thick) * 2.6, 0, 1)
    tilt = rng.normal(size=(len(gold), 2)) * np.where(gold > 0.5, 0.16, 0.06)[:, None]
    rough = fractal_noise(canvas.shape, 260, rng, 3, 0.7)
    dome = blur(1 - gap, 2.2 * thick) * 3.4 * thick
    height = dome + 0.1 * rough * thick
    facet = 1 + tilt[owner, 0] * 0.9 + tilt[owner, 1] * 0.6
    shade = lit(height, elevation=55) * facet
    shine = (
        glint(height, 14, elevation=55)
        * np.maximum(facet - 0.86, 0)
        * (0.16 + 0.42 * (gold[owner] > 0.5))
    )
    glaze = stones * (1 + 0.035 * rough)[..., None] * shade[..., None] + shine[
        ..., None
    ] * np.array([1, 0.93, 0.72])
    mortar = gradient(("#3a332c", "#6b6052"), 0.4 + 0.25 * rough)
    return np.clip(mix(glaze, mortar, np.clip(gap * 1.5 - 0.35, 0, 1)), 0, 1)
