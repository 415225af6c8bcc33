import numpy as np

from models.procedural import mosaic
from models.procedural.canvas import Canvas


def test_every_pixel_belongs_to_the_stone_nearest_by_the_turned_maximum_metric():
    rng = np.random.default_rng(4)
    canvas = Canvas(60, 1.0, 1)
    at = mosaic.seeds(canvas, 10, rng)
    angle = rng.uniform(0, np.pi, len(at))
    owner = mosaic.owners(at, angle, 10, canvas.shape)
    for row, column in rng.integers(0, 60, (60, 2)):
        dx, dy = column + 0.5 - at[:, 0], row + 0.5 - at[:, 1]
        u, v = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
        far = np.maximum(abs(u), abs(v))
        assert far[owner[row, column]] <= far.min() + 1e-3


def test_relaxing_evens_out_the_stones():
    rng = np.random.default_rng(4)
    canvas = Canvas(80, 1.0, 1)
    at = mosaic.seeds(canvas, 10, rng)
    spread = []
    for _ in range(6):
        owner = mosaic.owners(at, np.zeros(len(at)), 10, canvas.shape)
        spread.append(np.bincount(owner.ravel(), minlength=len(at)).std())
        at = mosaic.centres(owner, at)
    assert spread[-1] < 0.7 * spread[0]
