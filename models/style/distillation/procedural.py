"""Pictures that are made, not taken: what a network must also see rightly, free of any licence.

Each function returns an array (size, size, 3) in 0..1, drawn by `random` alone.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Pixels = npt.NDArray[np.float32]
Draw = Callable[[np.random.Generator, int], Pixels]
FINER = 2  # drawn so many times as large, and scaled down: edges are soft as in a photograph


def dead_leaves(random: np.random.Generator, size: int) -> Pixels:
    """Discs, boxes and blades that hide each other, of all sizes: a model of natural scenes."""
    side = size * FINER
    canvas = Image.new("RGB", (side, side), _colour(random, _palette(random)))
    pen, palette = ImageDraw.Draw(canvas), _palette(random)
    for _ in range(int(random.integers(30, 300))):
        radius = min(side / 2, 2.0 * FINER / random.uniform(0.01, 1.0) ** 0.7)
        x, y = random.uniform(0, side, 2)
        across, down = radius * random.uniform(0.3, 1.0, 2)
        colour, kind = _colour(random, palette), random.integers(3)
        if kind == 0:
            pen.ellipse((x - across, y - down, x + across, y + down), fill=colour)
        else:
            corners = 4 if kind == 1 else 3
            turn = random.uniform(0, 2 * np.pi)
            angles = turn + 2 * np.pi * np.arange(corners) / corners
            points = np.stack([x + across * np.cos(angles), y + down * np.sin(angles)], 1)
            pen.polygon([(float(a), float(b)) for a, b in points], fill=colour)
    return _down(canvas, size)


def natural_noise(random: np.random.Generator, size: int) -> Pixels:
    """Clouds: noise whose amplitude falls with frequency as in nature, or a little otherwise."""
    slope = random.uniform(0.5, 2.0)
    fields = np.stack([_clouds(random, size, slope) for _ in range(3)], 2)
    contrast = random.uniform(0.05, 0.35)
    centre = random.uniform(0.2, 0.8, 3)
    return _clipped(centre + fields @ _mixing(random) * contrast)


def gradients(random: np.random.Generator, size: int) -> Pixels:
    """Flat colours that pass into each other, along a line or around a point, now and then banded.

    What is nearly flat must look flat.
    """
    y, x = np.mgrid[0:size, 0:size] / size - random.uniform(0, 1, 2)[:, None, None]
    turn = random.uniform(0, 2 * np.pi)
    along = x * np.cos(turn) + y * np.sin(turn) if random.random() < 0.6 else np.hypot(x, y)
    along = along * random.uniform(0.2, 1.5)
    if random.random() < 0.4:
        bands = random.uniform(2, 40)
        along = 0.5 + 0.5 * np.sin(along * bands)
    one, other = random.uniform(0, 1, (2, 3))
    return _clipped(one + (other - one) * np.clip(along, 0, 1)[..., None])


def strokes(random: np.random.Generator, size: int) -> Pixels:
    """Short strokes along a smooth field of directions, in colours that change slowly."""
    side = size * FINER
    palette, turns = _palette(random), _clouds(random, 32, 2.0) * random.uniform(0.2, 2.0)
    tones = _clouds(random, 32, 1.5)
    canvas = Image.new("RGB", (side, side), _colour(random, palette))
    pen, turn = ImageDraw.Draw(canvas), random.uniform(0, np.pi)
    width = max(2, int(random.uniform(1.0, 10.0) * FINER))
    length = width * random.uniform(1.0, 8.0)
    for _ in range(int(min(4 * side * side / (width * length), 1500))):
        x, y = random.uniform(0, side, 2)
        cell = int(y * 32 / side), int(x * 32 / side)
        angle = turn + turns[cell] + random.normal(0, 0.1)
        across, down = np.cos(angle) * length / 2, np.sin(angle) * length / 2
        place = np.clip(0.5 + 0.3 * tones[cell] + random.normal(0, 0.1), 0, 1)
        colour = palette[int(place * (len(palette) - 1))] + random.normal(0, 0.05, 3)
        pen.line((x - across, y - down, x + across, y + down), fill=_bytes(colour), width=width)
    return _down(canvas, size)


def shaded_leaves(random: np.random.Generator, size: int) -> Pixels:
    """Dead leaves or strokes under uneven light, with grain."""
    plain = (dead_leaves if random.random() < 0.5 else strokes)(random, size)
    light = 1.0 + _clouds(random, size, 1.5)[..., None] * random.uniform(0.05, 0.3)
    grain = random.normal(0, random.uniform(0.0, 0.06), plain.shape)
    return _clipped(plain * light + grain)


KINDS: tuple[Draw, ...] = (dead_leaves, natural_noise, gradients, strokes, shaded_leaves)


def procedural(random: np.random.Generator, size: int) -> Pixels:
    """A picture of one of `KINDS`."""
    return KINDS[int(random.integers(len(KINDS)))](random, size)


def _clouds(random: np.random.Generator, size: int, slope: float) -> npt.NDArray[np.float64]:
    """Noise (size, size) of mean 0 and variance 1 whose amplitude is frequency ** -slope."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])
    frequency[0, 0] = np.inf
    waves = np.fft.rfft2(random.normal(size=(size, size))) * frequency**-slope
    field: npt.NDArray[np.float64] = np.fft.irfft2(waves, (size, size))
    field /= field.std() + 1e-9
    return field


def _mixing(random: np.random.Generator) -> npt.NDArray[np.float64]:
    """How three fields become red, green and blue: mostly alike, as light is."""
    alike = np.outer((1.0, 0.0, 0.0), np.ones(3))
    mixing: npt.NDArray[np.float64] = alike + random.normal(0, 0.3, (3, 3))
    return mixing


def _palette(random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Between three and eight colours; now and then they are all close to each other."""
    spread = random.uniform(0.05, 1.0)
    centre = random.uniform(0, 1, 3)
    found = random.uniform(0, 1, (int(random.integers(3, 9)), 3))
    return np.clip(centre + (found - centre) * spread, 0, 1)


def _colour(random: np.random.Generator, palette: npt.NDArray[np.float64]) -> tuple[int, ...]:
    chosen = palette[int(random.integers(len(palette)))]
    return _bytes(chosen + random.normal(0, 0.03, 3))


def _bytes(colour: npt.NDArray[np.float64]) -> tuple[int, ...]:
    return tuple(int(value) for value in np.clip(colour * 255, 0, 255))


def _down(canvas: Image.Image, size: int) -> Pixels:
    small = canvas.resize((size, size), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / np.float32(255)


def _clipped(values: npt.NDArray[np.float64]) -> Pixels:
    return np.clip(values, 0.0, 1.0).astype(np.float32)
