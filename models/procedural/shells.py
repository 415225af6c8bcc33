"""Seashells as Raup drew them: one curve carried along a spiral that grows by a constant factor.

Raup (J. Paleontology 40, 1966, "Geometric analysis of shell coiling"): the generating curve S at
distance r from the axis turns by t and keeps its shape while everything grows,

    r(t) = r(0) W^(t / 2 pi),    z(t) = z(0) W^(t / 2 pi),    z = -T r at the curve's centre,

with W the whorl expansion rate, T the translation, and D the distance of the curve's inner edge
from the axis over that of its outer edge. The apex is the origin, so growth is a pure scaling.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def smooth(turn: Array, along: Array) -> Array:
    """The ornament of a smooth shell: none."""
    return np.zeros(np.broadcast(turn, along).shape)


@dataclass(frozen=True)
class Shell:
    """A shell by Raup's parameters; sizes are in units of the last curve's distance from the axis.

    `curve` is S, (n, 2): outwards and upwards from the curve's centre in units of its half width;
    `ornament(turn, along)` swells the curve by that share of its half width.
    """

    expansion: float
    translation: float
    distance: float
    curve: Array
    whorls: float
    ornament: Callable[[Array, Array], Array] = smooth

    @property
    def half_width(self) -> float:
        """Of the generating curve: (1 - D) / (1 + D) puts its edges in the ratio D."""
        return (1 - self.distance) / (1 + self.distance)

    def growth(self, turn: Array) -> Array:
        """Size after `turn` radians relative to the end: 1 at turn 0, less before it."""
        return np.asarray(self.expansion ** (turn / (2 * np.pi)))

    def surface(self, turn: Array, along: Array) -> Array:
        """Points (..., 3) at `turn` (-2 pi whorls .. 0) and at `along` the curve (0..1)."""
        knots = np.linspace(0, 1, len(self.curve))
        swell = self.half_width * (1 + self.ornament(turn, along))
        out = 1 + swell * np.interp(along, knots, self.curve[:, 0])
        up = -self.translation + swell * np.interp(along, knots, self.curve[:, 1])
        size = self.growth(turn)
        return np.stack([size * out * np.cos(turn), size * out * np.sin(turn), size * up], -1)

    def normal(self, turn: Array, along: Array, step: float = 1e-3) -> Array:
        """Unit normals (..., 3), by central differences; which side they point to is left open."""
        by_turn = self.surface(turn + step, along) - self.surface(turn - step, along)
        by_along = self.surface(turn, along + step) - self.surface(turn, along - step)
        across = np.cross(by_turn, by_along)
        return np.asarray(
            across / np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-12)
        )


def circle(points: int = 721) -> Array:
    """The simplest generating curve: closed, beginning at the inner edge."""
    angle = np.linspace(np.pi, -np.pi, points)
    return np.stack([np.cos(angle), np.sin(angle)], -1)


def through(corners: list[tuple[float, float]], points: int = 721) -> Array:
    """A smooth open curve through `corners` (Catmull-Rom), its points evenly spaced."""
    given = np.array(corners)
    given = np.vstack([2 * given[0] - given[1], given, 2 * given[-1] - given[-2]])
    place = np.linspace(0, len(corners) - 1, 40 * len(corners))
    knot = np.minimum(place.astype(int), len(corners) - 2)
    t = (place - knot)[:, None]
    p, q, r, s = (given[knot + offset] for offset in range(4))
    curve = 0.5 * (
        2 * q + (r - p) * t + (2 * p - 5 * q + 4 * r - s) * t**2 + (3 * q - p - 3 * r + s) * t**3
    )
    walked = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    even = np.linspace(0, walked[-1], points)
    return np.stack([np.interp(even, walked, curve[:, axis]) for axis in (0, 1)], -1)
