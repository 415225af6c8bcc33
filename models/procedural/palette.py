"""Colours: sRGB and linear light, and gradients that stay clean when colours mix.

Mixing happens in Oklab (Ottosson 2020), so blue to yellow passes through green and not through
grey mud. Colours are float arrays (..., 3) in 0..1, sRGB unless a name says linear.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def from_hex(code: str) -> Array:
    """`#1b3a6b` or `1b3a6b` as an sRGB colour (3,)."""
    digits = code.lstrip("#")
    return np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255


def to_linear(srgb: ArrayLike) -> Array:
    """sRGB to linear light (IEC 61966-2-1)."""
    colour = np.asarray(srgb, dtype=np.float64)
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def to_srgb(linear: ArrayLike) -> Array:
    """Linear light to sRGB, clipped to 0..1."""
    light = np.clip(np.asarray(linear, dtype=np.float64), 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def to_oklab(srgb: ArrayLike) -> Array:
    """sRGB to Oklab: lightness 0..1 and two opponent axes."""
    return np.asarray(np.cbrt(to_linear(srgb) @ TO_LMS.T) @ TO_LAB.T)


def from_oklab(lab: ArrayLike) -> Array:
    """Oklab to sRGB, clipped to 0..1."""
    lms = np.asarray(lab, dtype=np.float64) @ np.linalg.inv(TO_LAB).T
    return to_srgb(lms**3 @ np.linalg.inv(TO_LMS).T)


def gradient(stops: Sequence[str], t: ArrayLike) -> Array:
    """The colours at `t` (0..1, any shape, clipped) along evenly spaced hex `stops`."""
    lab = np.array([to_oklab(from_hex(stop)) for stop in stops])
    place = np.clip(np.asarray(t, dtype=np.float64), 0, 1) * (len(stops) - 1)
    left = np.minimum(place.astype(np.int64), len(stops) - 2)
    part = (place - left)[..., None]
    return from_oklab(lab[left] * (1 - part) + lab[left + 1] * part)


def jitter(srgb: ArrayLike, rng: np.random.Generator, light: float, hue: float) -> Array:
    """Colours shifted at random in Oklab: by `light` in lightness, by `hue` on the colour axes."""
    lab = to_oklab(srgb)
    return from_oklab(lab + rng.normal(size=lab.shape) * np.array([light, hue, hue]))
