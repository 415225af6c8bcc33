"""The shells that are photographed: a textile cone, a chambered nautilus and a wentletrap."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from models.procedural.canvas import Array, Canvas, sample, smoothstep
from models.procedural.noise import fractal_noise
from models.procedural.palette import gradient, to_linear, to_srgb
from models.procedural.pigment import tents
from models.procedural.shells import Shell, circle, through
from models.procedural.studio import Scene, photograph, rotation


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


def textile_cone(size: int = 1024, seed: int = 1758, spin=150, tilt=82, head=28) -> Image.Image:
    """Conus textile: tents of pigment on a cone."""
    rng = np.random.default_rng(seed)
    curve = through([(-0.26, 0.125), (-0.13, 0.055), (-0.04, 0.02), (0.0, -0.05), (0.0, -0.25),
                     (-0.08, -0.7), (-0.24, -1.2), (-0.48, -1.75), (-0.72, -2.2), (-0.86, -2.45), (-0.9, -2.5)])
    shell = Shell(1.22, 0.55, 0.0, curve, 9)
    cells = 460
    age = tents(cells, int(cells * 9 * 2.2), rng, 0.075)
    rows_per_turn = len(age) / 9

    def skin(turn: Array, along: Array) -> Array:
        row = (turn / (2 * np.pi) + 9) * rows_per_turn
        since = sample(age, along * (cells - 1), row)
        colour = gradient(("#3a1408", "#6b2a10", "#b5651f", "#dc9a45", "#f0cf92", "#f8ead0", "#fbf3e4", "#fdf8ee"), since / 34)
        return to_linear(colour)

    def lining(turn: Array, along: Array) -> Array:
        return np.broadcast_to(to_linear(np.array([0.98, 0.93, 0.88])), (*turn.shape, 3))

    pose = rotation(2, head) @ rotation(1, tilt) @ rotation(2, spin)
    scene = Scene(shell, pose, skin, lining, seamless(("#d7ded6", "#a9bdb7", "#5f8483", "#2f5658")), 0.285, (0.5, 0.5))
    canvas = Canvas(size, 4 / 3, 2)
    return developed(photograph(scene, canvas), canvas, rng)
