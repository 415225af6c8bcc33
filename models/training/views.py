"""What a network sees of a photograph as it is taught: its middle, or a part chosen at random.

Each view is the same for the same seeds, whichever process asks: training that goes on after a
failure, or on several devices, sees what it would have seen.
"""

import zlib
from math import exp, log, sqrt

import numpy as np
from PIL import Image, ImageEnhance

from models.images import resize
from models.species.card import Preprocessing
from models.species.classifier import views_of

FIXED = 2
"""The first views are those that a classifier looks at: the middle, and its mirror image."""
AREA = 0.35, 1.0
"""Share of the photograph that a part covers (Szegedy et al., arXiv:1409.4842, began at 0.08)."""
SHAPE = 3 / 4, 4 / 3
"""Width of a part over its height."""
COLOUR = 0.2
"""By how much brightness, contrast and saturation may differ, as a share."""
ATTEMPTS = 10
"""Parts that are tried before the middle is taken: of a slender photograph many do not fit."""


def view_of(photograph: Image.Image, how: Preprocessing, view: int, *seeds: int) -> Image.Image:
    """The view of that number, as the network wants it; from `FIXED` on parts chosen by seed."""
    if view < FIXED:
        return views_of(photograph, how)[view]
    return part_of(photograph, how.pixels, np.random.default_rng([view, *seeds]))


def part_of(photograph: Image.Image, side: int, random: np.random.Generator) -> Image.Image:
    """A part of the photograph, perhaps mirrored, its colours a little changed, `side` pixels a
    side."""
    part = photograph.crop(window(*photograph.size, random))
    seen = resize(part, side, side)
    if random.random() < 0.5:
        seen = seen.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        seen = enhance(seen).enhance(random.uniform(1.0 - COLOUR, 1.0 + COLOUR))
    return seen


def window(width: int, height: int, random: np.random.Generator) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a part, in pixels."""
    for _ in range(ATTEMPTS):
        area = random.uniform(*AREA) * width * height
        shape = exp(random.uniform(log(SHAPE[0]), log(SHAPE[1])))
        across, down = round(sqrt(area * shape)), round(sqrt(area / shape))
        if 0 < across <= width and 0 < down <= height:
            left = int(random.integers(width - across + 1))
            top = int(random.integers(height - down + 1))
            return left, top, left + across, top + down
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return left, top, left + side, top + side


def seed_of(sha256: str) -> int:
    """A number that stands for a photograph."""
    return zlib.crc32(sha256.encode())
