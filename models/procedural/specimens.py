"""The shells that are photographed: a textile cone, a chambered nautilus and a wentletrap."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from models.procedural.canvas import Array, Canvas, blur, sample, smoothstep
from models.procedural.lamps import rotation
from models.procedural.noise import fractal_noise
from models.procedural.palette import gradient, to_linear, to_srgb
from models.procedural.pigment import tents
from models.procedural.shells import Shell, circle, through
from models.procedural.studio import Scene, photograph


def seamless(stops: tuple[str, ...]) -> Callable[[Array, Array], Array]:
    """Background paper: bright near the light at the upper left, falling off to the corners."""

    def table(x: Array, y: Array) -> Array:
        far = np.hypot(x - 0.42, (y - 0.36) * 1.1)
        return to_linear(gradient(stops, far / 0.75))

    return table


def developed(light: Array, canvas: Canvas, rng: np.random.Generator) -> Image.Image:
    """Film: a soft shoulder so that highlights keep their colour, and a trace of grain."""
    tone = light * (1 + light / 2.2) / (1 + light)
    grain = 0.006 * rng.normal(size=canvas.shape)[..., None]
    return canvas.finish(to_srgb(tone * 1.22) + grain)


def painted(age: Array, fade: float) -> Array:
    """Fresh pigment: 1 where a wave just passed, fading over `fade` rows, its steps softened."""
    return blur(np.exp(-age / fade), 1)


BANDS = (0.33, 0.54, 0.78)


def textile_cone(size: int = 1024, seed: int = 5) -> Image.Image:
    """Conus textile: tents of pigment on a cone, denser in three bands."""
    rng = np.random.default_rng(seed)
    profile = [
        (-0.26, 0.125),
        (-0.13, 0.055),
        (-0.04, 0.02),
        (0.0, -0.05),
        (0.0, -0.25),
        (-0.08, -0.7),
    ]
    profile += [(-0.24, -1.2), (-0.48, -1.75), (-0.72, -2.2), (-0.86, -2.45), (-0.9, -2.5)]
    shell = Shell(1.22, 0.55, 0.0, through(profile), 18)
    cells, rows_per_turn, turns = 620, 1400, 7
    fresh = painted(tents(cells, rows_per_turn * turns, rng, 0.11), 11)
    warp = fractal_noise((1024, 512), 30, rng, 4)
    browns = ("#fdf6e8", "#f8ead0", "#efc98a", "#d18b3a", "#96501c", "#5c260d", "#36140a")

    def skin(turn: Array, along: Array) -> Array:
        age = (turn / (2 * np.pi)) % turns
        wobble = sample(warp, along * 511, age / turns * 1023)
        cell = along * (cells - 1) + 2.2 * wobble
        ink = sample(fresh, cell, age * rows_per_turn + 3 * wobble)
        bands = sum(np.exp(-(((along + 0.012 * wobble - at) / 0.04) ** 2)) for at in BANDS)
        gold = smoothstep(0.25, 0.5, bands + 0.16 * wobble) * (0.36 + 0.05 * wobble)
        # Tents stay white inside a band wherever no wave has passed for long.
        return to_linear(
            gradient(browns, ink * (0.9 + 0.3 * bands) + gold * smoothstep(0.0, 0.0008, ink))
        )

    def lining(turn: Array, along: Array) -> Array:
        return np.broadcast_to(to_linear(np.array([0.98, 0.93, 0.88])), (*turn.shape, 3))

    pose = rotation(2, -152) @ rotation(1, 80) @ rotation(2, 275)
    paper = seamless(("#e3e2d2", "#b7c6bd", "#6d9391", "#2f5a5f"))
    scene = Scene(shell, pose, skin, lining, paper, 0.27, (0.48, 0.47), gloss=0.9)
    canvas = Canvas(size, 4 / 3, 2)
    return developed(photograph(scene, canvas), canvas, rng)


def nautilus(size: int = 1024, seed: int = 1705) -> Image.Image:
    """Nautilus pompilius: a planar spiral (T = 0), flames of rust on cream, mother of pearl."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(np.pi, -np.pi, 721)
    oval = np.stack([np.cos(angle), 0.94 * np.sin(angle) * (1 + 0.12 * np.cos(angle))], -1)
    shell = Shell(3.1, 0.0, -0.04, oval, 3.2)
    warp = fractal_noise((1024, 512), 18, rng, 5)
    rusts = ("#fbf1df", "#f3d9b4", "#d98b4d", "#a8481f", "#7a2c12")

    def skin(turn: Array, along: Array) -> Array:
        side = np.abs(along - 0.5) * 2
        wobble = sample(warp, along * 511, (turn / (2 * np.pi) + 3.2) / 3.2 * 1023)
        phase = 27 * turn / (2 * np.pi) - 3.2 * (1 - side) ** 1.5 + 0.3 * wobble
        split = 0.5 + 0.5 * np.cos(2 * np.pi * phase)
        old = smoothstep(-0.75, -3.6, turn + 0.4 * wobble)
        flame = (
            smoothstep(0.36, 0.62, split * (0.62 + 0.38 * old) + 0.05 * wobble)
            * old
            * smoothstep(1.0, 0.8, side)
        )
        growth_lines = 0.015 * np.sin(turn * 260 + 5 * side + wobble)
        return to_linear(gradient(rusts, 0.08 + 0.85 * flame + growth_lines + 0.03 * wobble))

    def lining(turn: Array, along: Array) -> Array:
        hue = 0.5 + 0.5 * np.sin(turn * 7 + along * 23)
        return to_linear(gradient(("#f7efe6", "#f3dfe4", "#dfe6ee", "#e3f0e2", "#f8f0dc"), hue))

    pose = rotation(0, -10) @ rotation(1, -33) @ rotation(2, 200)
    paper = seamless(("#e9dcc8", "#d3b99b", "#a27c63", "#54403a"))
    scene = Scene(shell, pose, skin, lining, paper, 0.225, (0.47, 0.47), elevation=64)
    canvas = Canvas(size, 4 / 3, 2)
    return developed(photograph(scene, canvas), canvas, rng)


def wentletrap(size: int = 1024, seed: int = 1756) -> Image.Image:
    """Epitonium scalare, the precious wentletrap: loose white whorls under thin ribs."""
    rng = np.random.default_rng(seed)
    per_turn = 11

    def ribs(turn: Array, along: Array) -> Array:
        phase = (turn * per_turn / (2 * np.pi) + 0.12 * np.sin(2 * np.pi * along)) % 1 - 0.5
        return np.asarray(
            0.17 * np.exp(-((phase / 0.05) ** 2)) * (1 + 0.25 * np.cos(2 * np.pi * along - 2.2))
        )

    shell = Shell(1.4, 3.9, 0.06, circle(), 12, ribs)

    def skin(turn: Array, along: Array) -> Array:
        rib = np.clip(ribs(turn, along) / 0.17, 0, 1)
        between = 0.45 + 0.25 * np.sin(turn * 3) + 0.2 * np.cos(2 * np.pi * along)
        return to_linear(
            gradient(("#e8c7a6", "#f0d9c2", "#f6ebdf", "#fdf9f2"), np.maximum(rib * 1.1, between))
        )

    pose = rotation(2, 145) @ rotation(1, 88) @ rotation(2, 45)
    paper = seamless(("#5b7fa6", "#355a86", "#1e3a63", "#0d1d3a"))
    scene = Scene(shell, pose, skin, skin, paper, 0.155, (0.48, 0.48), gloss=0.8)
    canvas = Canvas(size, 4 / 3, 2)
    return developed(photograph(scene, canvas), canvas, rng)
