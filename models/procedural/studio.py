"""A photographer's table for shells: a camera from above, soft boxes, and a seamless background.

The surface is diced finer than a pixel and kept in a z-buffer of parameters; what is seen is shaded
afterwards. Light comes from many directions, each with its own depth map (Williams, SIGGRAPH 1978),
which gives soft shadows, contact shadows and ambient occlusion by one and the same rule.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.procedural.canvas import Array, Canvas
from models.procedural.shells import Shell

Skin = Callable[[Array, Array], Array]
CHUNK = 12_000
MAP = 320


@dataclass(frozen=True)
class Scene:
    """A shell on a table. `pose` (3, 3) turns it, `skin(turn, along)` and `lining` are linear colours.

    `table(x, y)` is the linear colour of the ground; x and y run over the picture in units.
    """

    shell: Shell
    pose: Array
    skin: Skin
    lining: Skin
    table: Callable[[Array, Array], Array]
    zoom: float
    centre: tuple[float, float]
    elevation: float = 58.0
    gloss: float = 0.6


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


def direction(azimuth: float, elevation: float) -> Array:
    """Unit vector; azimuth in degrees from the right, counter-clockwise seen from above."""
    turn, rise = np.deg2rad(azimuth), np.deg2rad(elevation)
    return np.array([np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise)])


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


def dice(shell: Shell, pixels: float) -> tuple[Array, Array]:
    """Parameters (turn, along) of points that lie about a pixel apart; `pixels` is one unit's size."""
    turns, alongs = [], []
    length = shell.half_width * np.linalg.norm(np.diff(shell.curve, axis=0), axis=1).sum()
    for slab in range(int(np.ceil(shell.whorls * 8))):
        end = -slab * np.pi / 4
        # Rows lie evenly on the way that the fastest point of the curve takes, ribs included.
        probe = np.linspace(end - np.pi / 4, end, 240)
        way = shell.surface(probe[:, None], np.linspace(0, 1, 13))
        steps = np.linalg.norm(np.diff(way, axis=0), axis=-1).max(axis=1)
        walked = np.concatenate([[0], np.cumsum(steps)])
        rows = max(int(walked[-1] * pixels / 1.1), 12)
        columns = max(int(float(shell.growth(np.array(end))) * pixels * length / 1.1), 24)
        turn = np.interp((np.arange(rows) + 0.5) / rows * walked[-1], walked, probe)
        turn_grid, along_grid = np.meshgrid(turn, np.linspace(0, 1, columns), indexing="ij")
        turns.append(turn_grid.ravel())
        alongs.append(along_grid.ravel())
    return np.concatenate(turns), np.concatenate(alongs)


def nearest(column: Array, row: Array, depth: Array, shape: tuple[int, int]) -> NDArray[np.int64]:
    """The index of the nearest point over each pixel, -1 where there is none; points cover 2 x 2."""
    buffer = np.full(shape[0] * shape[1], np.iinfo(np.int64).max)
    near, far = float(depth.min()), float(depth.max())
    level = ((far - depth) / (far - near + 1e-9) * (2**30)).astype(np.int64)
    for start in range(0, depth.size, CHUNK):
        part = slice(start, start + CHUNK)
        key = (level[part] << 32) | np.arange(start, start + level[part].size)
        for right, down in ((0, 0), (1, 0), (0, 1), (1, 1)):
            x, y = column[part].astype(np.int64) + right, row[part].astype(np.int64) + down
            seen = (x >= 0) & (x < shape[1]) & (y >= 0) & (y < shape[0])
            np.minimum.at(buffer, y[seen] * shape[1] + x[seen], key[seen])
    return np.where(buffer == np.iinfo(np.int64).max, -1, buffer & 0xFFFFFFFF).reshape(shape)


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
        return np.clip(((place - self.low[axis]) * self.scale + 4).astype(np.int64), 0, MAP - 1)

    def open_to(self, points: Array, bias: float) -> Array:
        """1 where a point sees the light, 0 where the shell is in the way by more than `bias`."""
        before = self.reach[self._cell(points @ self.up, 1), self._cell(points @ self.side, 0)]
        return np.asarray(np.clip(1.5 - (before - points @ self.toward) / bias, 0, 1))


def photograph(scene: Scene, canvas: Canvas) -> Array:
    """The linear picture (H, W, 3) of the scene."""
    shell, zoom = scene.shell, scene.zoom * canvas.unit
    turn, along = dice(shell, zoom)
    rough = slice(None, None, max(1, turn.size // 220_000))
    body = shell.surface(turn[rough], along[rough]) @ scene.pose.T
    floor = float(body[:, 2].min())
    rise = np.deg2rad(scene.elevation)
    back = np.array([0.0, -np.cos(rise), np.sin(rise)])
    down = np.array([0.0, -np.sin(rise), -np.cos(rise)])
    middle = np.array([scene.centre[0] * canvas.width, scene.centre[1] * canvas.height])
    box = (body.max(axis=0) + body.min(axis=0)) / 2
    column, row, depth = (np.empty(turn.size) for _ in range(3))
    for start in range(0, turn.size, CHUNK):
        part = slice(start, start + CHUNK)
        point = shell.surface(turn[part], along[part]) @ scene.pose.T - box
        column[part] = point[:, 0] * zoom + middle[0]
        row[part] = point @ down * zoom + middle[1]
        depth[part] = point @ back
    found = nearest(column, row, depth, canvas.shape).ravel()
    maps = [(light, DepthMap(light.toward, body)) for light in lights()]
    picture = np.empty((found.size, 3))
    orientation = 1 if outwards(shell, scene.pose) else -1
    x, y = (field.ravel() for field in canvas.grid())
    for start in range(0, found.size, CHUNK):
        part = slice(start, start + CHUNK)
        hit = found[part]
        # The table: where the line of sight through the pixel meets the floor.
        flat_x = (x[part] * canvas.unit - middle[0]) / zoom
        flat_z = floor - box[2]
        flat_y = -((y[part] * canvas.unit - middle[1]) / zoom + flat_z * np.cos(rise)) / np.sin(
            rise
        )
        point = np.stack([flat_x, flat_y, np.full_like(flat_x, flat_z)], -1) + box
        normal = np.broadcast_to([0.0, 0.0, 1.0], point.shape).copy()
        colour = scene.table(x[part], y[part])
        gloss = np.zeros(len(hit))
        shown = hit >= 0
        if shown.any():
            at_turn, at_along = turn[hit[shown]], along[hit[shown]]
            point[shown] = shell.surface(at_turn, at_along) @ scene.pose.T
            facing = shell.normal(at_turn, at_along) @ scene.pose.T
            facing *= orientation
            # At the rim the nearest diced point may face just away: that is still the outside.
            outside = facing @ back > -0.3
            normal[shown] = facing * np.where(outside, 1, -1)[:, None]
            colour[shown] = np.where(
                outside[:, None], scene.skin(at_turn, at_along), scene.lining(at_turn, at_along)
            )
            gloss[shown] = scene.gloss
        picture[part] = shade(point, normal, colour, gloss, back, maps)
    return picture.reshape(*canvas.shape, 3)


def outwards(shell: Shell, pose: Array) -> bool:
    """Whether the surface's normals point out of the shell (a mirror in `pose` turns them)."""
    turn, along = np.array([-0.5]), np.array([0.5])
    point, normal = shell.surface(turn, along)[0], shell.normal(turn, along)[0]
    axis = np.array([np.cos(turn[0]), np.sin(turn[0]), 0])
    return bool(normal @ axis * (point @ axis) * np.linalg.det(pose) > 0)


def shade(
    point: Array,
    normal: Array,
    colour: Array,
    gloss: Array,
    back: Array,
    maps: list[tuple[Light, DepthMap]],
) -> Array:
    """Light that leaves each point for the camera: diffuse, highlights, and light off the table."""
    lit = np.zeros_like(colour)
    shine = np.zeros_like(colour)
    start = point + normal * 0.03
    for light, depth_map in maps:
        facing = normal @ light.toward
        bright = np.maximum((facing + 0.08) / 1.08, 0) * depth_map.open_to(start, 0.03)
        lit += bright[:, None] * light.colour
        if light.shiny:
            half = (light.toward + back) / np.linalg.norm(light.toward + back)
            lobe = (
                np.maximum(normal @ half, 0) ** 220 * 5 + np.maximum(normal @ half, 0) ** 24 * 0.22
            )
            shine += (lobe * (bright > 0) * gloss)[:, None] * light.colour
    below = np.maximum(-normal[:, 2] * 0.5 + 0.5, 0) * 0.32
    return np.asarray(
        colour * (lit / 2.6 + below[:, None] * np.array([1.0, 0.93, 0.86])) + shine * 0.11
    )
