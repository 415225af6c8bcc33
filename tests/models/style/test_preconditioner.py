"""The map of gradients to steps."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from models.style.preconditioner import preconditioned

sides = st.integers(1, 13)
weights = st.lists(st.floats(0.0, 2.0), max_size=3)


def matrix(coarse: list[float], height: int, width: int) -> torch.Tensor:
    pixels = torch.eye(height * width, dtype=torch.float64).view(-1, 1, height, width)
    return preconditioned(pixels, coarse).flatten(1)


@given(weights, sides, sides)
def test_it_is_symmetric_and_positive_definite(coarse: list[float], h: int, w: int) -> None:
    found = matrix(coarse, h, w)
    assert torch.allclose(found, found.T)
    smallest, largest = torch.linalg.eigvalsh(found)[[0, -1]]
    assert smallest > 1.0 - 1e-9 and largest < 1.0 + sum(coarse) + 1e-9


def test_grain_stays_as_it_is_and_strokes_grow() -> None:
    grain = torch.tensor([[1.0, -1.0], [-1.0, 1.0]]).repeat(1, 1, 4, 4)
    stroke = torch.ones(1, 1, 8, 8)
    assert torch.equal(preconditioned(grain, [0.5, 1.0, 1.0]), grain)
    assert torch.equal(preconditioned(stroke, [0.5, 1.0, 1.0]), 3.5 * stroke)


def test_without_weights_nothing_changes() -> None:
    gradient = torch.rand(1, 3, 5, 7)
    assert torch.equal(preconditioned(gradient, []), gradient)
