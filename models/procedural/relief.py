"""Light on a raised surface: what makes paint look thick, tiles bevelled and paper rough."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def slopes(height: Array) -> tuple[Array, Array]:
    """The slope of `height` (in pixels) to the right and downwards, by central differences."""
    down, right = np.gradient(height)
    return np.asarray(right), np.asarray(down)


def lit(height: Array, azimuth: float = 225.0, elevation: float = 45.0) -> Array:
    """Lambert shading of a height field in pixels, 1 where it is level.

    `azimuth` is where the light comes from, in degrees clockwise from the right; 225 is upper left.
    """
    right, down = slopes(height)
    turn, rise = np.deg2rad(azimuth), np.deg2rad(elevation)
    toward = np.cos(turn) * np.cos(rise), np.sin(turn) * np.cos(rise), np.sin(rise)
    facing = (-right * toward[0] - down * toward[1] + toward[2]) / np.sqrt(1 + right**2 + down**2)
    return np.asarray(np.maximum(facing, 0) / toward[2])


def glint(
    height: Array, sharpness: float, azimuth: float = 225.0, elevation: float = 45.0
) -> Array:
    """Blinn's highlight on a height field seen from above, in 0..1."""
    right, down = slopes(height)
    turn, rise = np.deg2rad(azimuth), np.deg2rad(elevation)
    half = np.array([np.cos(turn) * np.cos(rise), np.sin(turn) * np.cos(rise), np.sin(rise) + 1])
    half /= np.linalg.norm(half)
    facing = (-right * half[0] - down * half[1] + half[2]) / np.sqrt(1 + right**2 + down**2)
    return np.asarray(np.maximum(facing, 0) ** sharpness)
