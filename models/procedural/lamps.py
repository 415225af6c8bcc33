"""Lamps: a soft box and a sky of many directions, each with a depth map of its shadows.

Shadows by depth map: Williams, "Casting curved shadows on curved surfaces" (SIGGRAPH 1978). With
many lamps, soft shadows, contact shadows and ambient occlusion come out of one and the same rule.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.procedural.canvas import Array

MAP = 480


@dataclass(frozen=True)
class Light:
    """From `toward` (unit vector), of linear `colour` (3,); `shiny` ones show as highlights."""

    toward: Array
    colour: Array
    shiny: bool


def rotation(axis: int, degrees: float) -> Array:
    """The matrix that turns about axis 0, 1 or 2 by the right-hand rule."""
    turn = np.deg2rad(degrees)
    matrix = np.eye(3)
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrix[first, first] = matrix[second, second] = np.cos(turn)
    matrix[second, first], matrix[first, second] = np.sin(turn), -np.sin(turn)
    return matrix


def lights(key: int = 40, dome: int = 48) -> list[Light]:
    """A warm soft box at the upper left in `key` points, and a cool sky of `dome` directions."""
    found = []
    golden = np.pi * (3 - np.sqrt(5))
    left = rotation(2, 158) @ rotation(1, 90 - 52)
    for number in range(key):
        spread, turn = np.deg2rad(13) * np.sqrt((number + 0.5) / key), golden * number
        spot = np.array(
            [np.sin(spread) * np.cos(turn), np.sin(spread) * np.sin(turn), np.cos(spread)]
        )
        found.append(Light(left @ spot, np.array([2.5, 2.35, 2.1]) / key, True))
    for number in range(dome):
        height = (number + 0.5) / dome
        turn, flat = golden * number, np.sqrt(1 - height * height)
        toward = np.array([flat * np.cos(turn), flat * np.sin(turn), height])
        found.append(Light(toward, np.array([1.0, 1.08, 1.22]) * 1.7 / dome, False))
    return found


class DepthMap:
    """How far towards one light the shell reaches, seen from there."""

    def __init__(self, toward: Array, points: Array) -> None:
        side = np.cross([0.0, 1.0, 0.13], toward)
        self.side = side / np.linalg.norm(side)
        self.up = np.cross(toward, self.side)
        self.toward = toward
        x, y = points @ self.side, points @ self.up
        self.low = np.array([x.min(), y.min()])
        self.scale = (MAP - 8) / max(float(np.ptp(x)), float(np.ptp(y)))
        reach = np.full((MAP, MAP), -1e9)
        place = self._cell(y, 1), self._cell(x, 0)
        np.maximum.at(reach, place, points @ toward)
        for axis in (0, 1):
            reach = np.maximum(reach, np.maximum(np.roll(reach, 1, axis), np.roll(reach, -1, axis)))
        self.reach = reach

    def _cell(self, place: Array, axis: int) -> NDArray[np.int64]:
        cell = ((place - self.low[axis]) * self.scale + 4).astype(np.int64)
        return np.asarray(np.clip(cell, 0, MAP - 1))

    def open_to(self, points: Array, bias: float) -> Array:
        """1 where a point sees the light, 0 where the shell is in the way by more than `bias`."""
        before = self.reach[self._cell(points @ self.up, 1), self._cell(points @ self.side, 0)]
        return np.asarray(np.clip(1.5 - (before - points @ self.toward) / bias, 0, 1))
