"""Smooth randomness: value noise in octaves, the grain of every picture here."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.float64]


def smooth_noise(
    shape: tuple[int, int], cells: tuple[float, float], rng: np.random.Generator
) -> Array:
    """Noise of mean near 0 and deviation near 1 with `cells` (down, across) bumps on the field."""
    lattice = rng.normal(size=(int(cells[0]) + 4, int(cells[1]) + 4)).astype(np.float32)
    box = (1.5, 1.5, 1.5 + cells[1], 1.5 + cells[0])
    size = (shape[1], shape[0])
    image = Image.fromarray(lattice).resize(size, Image.Resampling.BICUBIC, box=box)
    return np.asarray(image, dtype=np.float64) * 1.4


def fractal_noise(
    shape: tuple[int, int],
    cells: float,
    rng: np.random.Generator,
    octaves: int = 5,
    gain: float = 0.5,
    stretch: float = 1.0,
) -> Array:
    """Octaves of noise, each twice as fine and `gain` times as strong as the one before.

    The first has `cells` bumps over the longer side. `stretch` > 1 draws the bumps out sideways,
    as in wood and brushed paint. Deviation is about 1.
    """
    longest = max(shape)
    total = np.zeros(shape)
    power = 0.0
    for octave in range(octaves):
        bumps = cells * 2**octave
        if bumps > longest:
            break
        per_side = (bumps * shape[0] / longest, bumps * shape[1] / longest / stretch)
        total += gain**octave * smooth_noise(shape, (max(per_side[0], 1), max(per_side[1], 1)), rng)
        power += gain ** (2 * octave)
    return np.asarray(total / np.sqrt(max(power, 1e-12)))
