"""Pigment on seashells: patterns that the mantle's edge prints line by line as the shell grows.

A row of the result is one moment of growth, a column one cell along the growing lip, so time runs
down the page: the pattern of a shell is the space-time picture of a one-dimensional process.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Cells = NDArray[np.bool_]


def advance(right: Cells, left: Cells, branch: Cells) -> tuple[Cells, Cells]:
    """One step of waves of pigment on a line of cells: they move, meet and go out, and branch.

    What Meinhardt's activator and inhibitor do (Fowler, Meinhardt & Prusinkiewicz, SIGGRAPH 1992,
    for Oliva porphyria), kept as an automaton: a wave leaves spent cells behind it, so two that
    meet both die; where `branch` holds, a wave sends another back the way it came.
    """
    moved_right = np.concatenate([[False], (right | left & branch)[:-1]])
    moved_left = np.concatenate([(left | right & branch)[1:], [False]])
    # Two waves have met if they share a cell now, or have just run through each other.
    crossed = moved_right[1:] & moved_left[:-1]
    alone = ~(moved_right & moved_left)
    moved_right &= alone & ~np.concatenate([[False], crossed])
    moved_left &= alone & ~np.concatenate([crossed, [False]])
    return moved_right, moved_left


def tents(cells: int, rows: int, rng: np.random.Generator, crowd: float = 0.02) -> Array:
    """The tents of textile cones: rows since the last wave passed, (rows, cells).

    The hormone of the model holds the number of waves near `crowd` x `cells`: the fewer there are,
    the sooner one branches.
    """
    right, left = rng.random((2, cells)) < crowd / 2
    age = rng.uniform(0, 60, cells)
    printed = np.empty((rows, cells))
    for row in range(rows):
        waves = int(right.sum() + left.sum())
        eager = 0.05 * max(0.0, 1 - waves / (crowd * cells))
        right, left = advance(right, left, rng.random(cells) < eager)
        if not right.any() and not left.any():
            right = rng.random(cells) < crowd
        age = np.where(right | left, 0, age + 1)
        printed[row] = age
    return printed
