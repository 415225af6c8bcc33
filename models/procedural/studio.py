"""A photographer's table for shells: a camera from above and a seamless background.

The surface is diced finer than a pixel and kept in a z-buffer of parameters (Cook, Carpenter &
Catmull, SIGGRAPH 1987, "Reyes"); only what is seen is shaded.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.procedural.canvas import Array, Canvas
from models.procedural.lamps import DepthMap, Light, lights
from models.procedural.shells import Shell

Skin = Callable[[Array, Array], Array]
Flags = NDArray[np.bool_]
CHUNK = 12_000


@dataclass(frozen=True)
class Scene:
    """A shell on a table, turned by `pose` (3, 3); `skin` and `lining` give linear colours.

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


def dice(shell: Shell, pixels: float) -> tuple[Array, Array]:
    """Parameters (turn, along) of points about a pixel apart; `pixels` is the size of a unit."""
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
    """The nearest point's index for each pixel, -1 where there is none; points cover 2 x 2."""
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
    index = np.where(buffer == np.iinfo(np.int64).max, -1, buffer & 0xFFFFFFFF)
    return np.asarray(index.reshape(shape))


class Camera:
    """Looks down on the scene from the front, without perspective. World: x right, y away, z up."""

    def __init__(self, scene: Scene, canvas: Canvas, body: Array) -> None:
        self.unit, self.zoom = canvas.unit, scene.zoom * canvas.unit
        self.middle = scene.centre[0] * canvas.width, scene.centre[1] * canvas.height
        self.rise = np.deg2rad(scene.elevation)
        self.back = np.array([0.0, -np.cos(self.rise), np.sin(self.rise)])
        self.down = np.array([0.0, -np.sin(self.rise), -np.cos(self.rise)])
        self.centre = (body.max(axis=0) + body.min(axis=0)) / 2
        self.floor = float(body[:, 2].min())

    def project(self, point: Array) -> tuple[Array, Array, Array]:
        """Column and row in pixels, and depth towards the camera."""
        seen = point - self.centre
        column, row = seen[:, 0] * self.zoom, seen @ self.down * self.zoom
        return column + self.middle[0], row + self.middle[1], seen @ self.back

    def table(self, x: Array, y: Array) -> Array:
        """Where the lines of sight through places x, y on the picture (units) meet the floor."""
        right = (x * self.unit - self.middle[0]) / self.zoom
        up = self.floor - self.centre[2]
        sunk = (y * self.unit - self.middle[1]) / self.zoom
        away = -(sunk + up * np.cos(self.rise)) / np.sin(self.rise)
        return np.asarray(np.stack([right, away, np.full_like(right, up)], -1) + self.centre)


def photograph(scene: Scene, canvas: Canvas) -> Array:
    """The linear picture (H, W, 3) of the scene."""
    turn, along = dice(scene.shell, scene.zoom * canvas.unit)
    rough = slice(None, None, max(1, turn.size // 900_000))
    body = scene.shell.surface(turn[rough], along[rough]) @ scene.pose.T
    camera = Camera(scene, canvas, body)
    column, row, depth = (np.empty(turn.size) for _ in range(3))
    for start in range(0, turn.size, CHUNK):
        part = slice(start, start + CHUNK)
        point = scene.shell.surface(turn[part], along[part]) @ scene.pose.T
        column[part], row[part], depth[part] = camera.project(point)
    found = nearest(column, row, depth, canvas.shape).ravel()
    maps = [(light, DepthMap(light.toward, body)) for light in lights()]
    x, y = (field.ravel() for field in canvas.grid())
    picture = np.empty((found.size, 3))
    for start in range(0, found.size, CHUNK):
        part = slice(start, start + CHUNK)
        spots = table(scene, camera, x[part], y[part])
        hit = found[part]
        lay_shell(scene, camera, spots, hit >= 0, turn[hit], along[hit])
        picture[part] = shade(spots, camera.back, maps)
    return picture.reshape(*canvas.shape, 3)


@dataclass(frozen=True)
class Spots:
    """What is seen, pixel by pixel: place, normal, linear colour (each (n, 3)) and gloss (n,)."""

    point: Array
    normal: Array
    colour: Array
    gloss: Array


def table(scene: Scene, camera: Camera, x: Array, y: Array) -> Spots:
    """The bare table at places x, y of the picture."""
    normal = np.zeros((x.size, 3)) + np.array([0.0, 0.0, 1.0])
    return Spots(camera.table(x, y), normal, scene.table(x, y), np.zeros(x.size))


def lay_shell(
    scene: Scene, camera: Camera, spots: Spots, shown: Flags, turn: Array, along: Array
) -> None:
    """Write the shell into the spots where it is `shown`, seen at `turn` and `along`."""
    turn, along = turn[shown], along[shown]
    if turn.size == 0:
        return
    facing = scene.shell.normal(turn, along) @ scene.pose.T * outwards(scene.shell)
    # At the rim the nearest diced point may face just away: that is still the outside.
    outside = facing @ camera.back > -0.3
    spots.point[shown] = scene.shell.surface(turn, along) @ scene.pose.T
    spots.normal[shown] = facing * np.where(outside, 1, -1)[:, None]
    skin, lining = scene.skin(turn, along), scene.lining(turn, along)
    spots.colour[shown] = np.where(outside[:, None], skin, lining)
    spots.gloss[shown] = scene.gloss


def outwards(shell: Shell) -> int:
    """1 if the surface's normals point out of the shell, -1 if they point into it."""
    turn, along = np.array([-0.5]), np.array([0.5])
    axis = np.array([np.cos(-0.5), np.sin(-0.5), 0])
    place, normal = shell.surface(turn, along)[0] @ axis, shell.normal(turn, along)[0] @ axis
    return 1 if place * normal > 0 else -1


def shade(spots: Spots, back: Array, maps: list[tuple[Light, DepthMap]]) -> Array:
    """Light that leaves each spot for the camera: diffuse, highlights, and light off the table."""
    lit, shine = np.zeros_like(spots.colour), np.zeros_like(spots.colour)
    start = spots.point + spots.normal * 0.03
    for light, depth_map in maps:
        facing = spots.normal @ light.toward
        bright = np.maximum((facing + 0.08) / 1.08, 0) * depth_map.open_to(start, 0.03)
        lit += bright[:, None] * light.colour
        if light.shiny:
            half = (light.toward + back) / np.linalg.norm(light.toward + back)
            mirror = np.maximum(spots.normal @ half, 0)
            lobe = 5 * mirror**220 + 0.22 * mirror**24
            shine += (lobe * (bright > 0) * spots.gloss)[:, None] * light.colour
    below = np.maximum(0.5 - 0.5 * spots.normal[:, 2], 0) * 0.32 + 0.07
    diffuse = lit / 2.6 + below[:, None] * np.array([1.0, 0.93, 0.86])
    return np.asarray(spots.colour * diffuse + 0.11 * shine)
