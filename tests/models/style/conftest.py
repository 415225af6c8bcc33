"""The default painter, and pictures to try it on; a walk that an optimiser leads."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from models.style.painters import Painter, load_painter
from models.style.search import Evaluate, Losses, Optimiser
from models.weights import Weights


def photograph(width: int = 128, height: int = 96) -> Image.Image:
    """A sun over hills: large shapes, an edge, a gradient."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    values = np.stack([0.5 + 0.3 * y, 0.6 - 0.2 * x, 0.9 - 0.5 * y], 2)
    values[y > 0.45 + 0.08 * np.sin(9 * x)] = (0.2, 0.4, 0.15)
    values[(x - 0.7) ** 2 + (y - 0.2) ** 2 < 0.012] = (1.0, 0.85, 0.3)
    return Image.fromarray((values * 255).astype(np.uint8))


def painting(width: int = 150, height: int = 110) -> Image.Image:
    """Wavy strokes of orange and blue."""
    y, x = np.mgrid[0:height, 0:width]
    wave = np.sin(y / 2.5 + 3 * np.sin(x / 12))[..., None]
    values = np.where(wave > 0, [0.9, 0.5, 0.1], [0.1, 0.2, 0.5]) * (0.8 + 0.2 * np.abs(wave))
    return Image.fromarray((values * 255).astype(np.uint8))


@pytest.fixture(scope="session")
def light(tmp_path_factory: pytest.TempPathFactory) -> Painter:
    folder = tmp_path_factory.mktemp("cache")
    return load_painter("light", torch.device("cpu"), Weights(None, folder))


@pytest.fixture(scope="session")
def quick(light: Painter) -> Painter:
    """The same painter with a short schedule."""
    return replace(light, recipe=replace(light.recipe, evaluations=15))


def walk(
    optimiser: Optimiser, evaluate: Evaluate, x: torch.Tensor, evaluations: int
) -> Iterator[tuple[torch.Tensor, Losses]]:
    """What is shown and the losses, after each of so many evaluations; it never ends early."""
    for _ in range(evaluations):
        losses, gradient = evaluate(x)
        yield optimiser.visit(x), losses
        x = optimiser.advance(x, losses["total"], gradient)
