"""Marbled paper: ink dropped on a bath, drawn out with a comb and printed.

Mathematical marbling (Lu, Jaffer, Jin, Zhao & Mao, IEEE CG&A 2012). Every move of the marbler is a
map of the plane that keeps areas, and it is undone here pixel by pixel, last move first, until a
pixel falls into the drop that coloured it. No polygons, so lines stay sharp at any size.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.procedural.canvas import Canvas, blur
from models.procedural.noise import fractal_noise
from models.procedural.palette import from_hex, gradient, jitter
from models.procedural.relief import lit

Array = NDArray[np.float64]

INKS = ("#13233f", "#0f5d6b", "#b3282d", "#e7b04a", "#f3e6cc", "#1c7f83", "#e9dcc0", "#7d1f3a")
BATH = "#f2e8d3"


def undo_tine(across: Array, along: Array, at: float, shift: float, reach: float) -> Array:
    """Where `along` was before one tine passed at `across` = `at`.

    The tine carries ink by `shift` where it passes; the drag halves with each `reach` of distance.
    """
    return np.asarray(along - shift * 0.5 ** (np.abs(across - at) / reach))


def undo_comb(across: Array, along: Array, spacing: float, shift: float, reach: float) -> Array:
    """The same for a comb of evenly spaced tines: only the distance to the nearest counts."""
    gap = np.abs((across / spacing + 0.5) % 1 - 0.5) * spacing
    return np.asarray(along - shift * 0.5 ** (gap / reach))


def undo_wave(across: Array, along: Array, height: float, length: float, phase: float) -> Array:
    """The same for a board drawn along a sine: a shear, so areas stay as they are."""
    return np.asarray(along - height * np.sin(2 * np.pi * across / length + phase))


def undo_drop(x: Array, y: Array, at: tuple[float, float], radius: float) -> tuple[Array, Array]:
    """Where ink outside a drop of `radius` at `at` was before the drop pushed it outwards."""
    right, down = x - at[0], y - at[1]
    squared = np.maximum(right * right + down * down, radius * radius)
    shrink = np.sqrt(1 - radius * radius / squared)
    return at[0] + right * shrink, at[1] + down * shrink


def drops(rng: np.random.Generator, count: int) -> list[tuple[float, float, float, int]]:
    """Drops in the order they fall: x, y, radius, ink. Inks come in turn, finer and finer."""
    fallen = []
    for number in range(count):
        ink = number * 5 // count + (0 if rng.random() < 0.75 else int(rng.integers(0, 4)))
        radius = (0.085, 0.06, 0.048, 0.036, 0.026)[number * 5 // count] * rng.uniform(0.6, 1.25)
        fallen.append((rng.uniform(-0.3, 1.3), rng.uniform(-0.3, 1.1), radius, ink % len(INKS)))
    return fallen


def ink_at(x: Array, y: Array, fallen: list[tuple[float, float, float, int]]) -> NDArray[np.int64]:
    """The number of the drop that coloured each place, or -1 for the bare bath. Flat arrays."""
    number = np.full(x.shape, -1)
    open_places = np.arange(x.size)
    for index in range(len(fallen) - 1, -1, -1):
        at, radius = fallen[index][:2], fallen[index][2]
        inside = (x - at[0]) ** 2 + (y - at[1]) ** 2 < radius * radius
        number[open_places[inside]] = index
        x, y, open_places = x[~inside], y[~inside], open_places[~inside]
        x, y = undo_drop(x, y, at, radius)
    return number


def inked(x: Array, y: Array, fallen: list[tuple[float, float, float, int]]) -> NDArray[np.int64]:
    """`ink_at` under the combs: their moves are undone first, the last one before the others."""
    x = undo_wave(y, x, 0.018, 0.42, 0.6)
    y = undo_wave(x, y, 0.022, 0.36, 1.1)
    x = undo_comb(y, x, 0.052, 0.11, 0.012)
    y = undo_comb(x + 0.02, y, 0.098, -0.15, 0.022)
    y = undo_comb(x + 0.069, y, 0.098, 0.15, 0.022)
    return ink_at(x, y, fallen)


def paint(size: int = 1024, seed: int = 1833) -> Image.Image:
    """A sheet of combed marbled paper, landscape, RGB, `size` pixels on its longer side."""
    rng = np.random.default_rng(seed)
    canvas = Canvas(size, 4 / 3, 3)
    x, y = (field.ravel() for field in canvas.grid())
    fallen = drops(rng, 330)
    # A slice at a time stays in the processor's cache, and in memory that needs no new pages.
    slices = [slice(start, start + 12_000) for start in range(0, x.size, 12_000)]
    number = np.concatenate([inked(x[part], y[part], fallen) for part in slices])
    colours = np.array([jitter(from_hex(INKS[drop[3]]), rng, 0.025, 0.012) for drop in fallen])
    colours = np.vstack([colours, from_hex(BATH)]).astype(np.float32)
    return canvas.finish(printed(colours[number].reshape(*canvas.shape, 3), canvas, rng))


def printed(ink: Array, canvas: Canvas, rng: np.random.Generator) -> Array:
    """Lift the bath onto laid paper: uneven ink, paper tooth and a warm age."""
    density = fractal_noise(canvas.shape, 9, rng, 6, 0.62)
    tooth = blur(rng.normal(size=canvas.shape), 1.5)
    paper = gradient(("#efe3c8", "#f7efdd"), 0.5 + 0.2 * density)
    kept = np.clip(0.95 + 0.03 * density + 0.05 * tooth, 0, 1)[..., None]
    return (paper + (ink - paper) * kept) * lit(2 * tooth)[..., None] ** 0.2
