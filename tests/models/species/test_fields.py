"""Means over boxes, of values over a photograph."""

import pytest
import torch

from models.species.boxes import Box
from models.species.fields import Field


def test_contrast_is_the_mean_inside_less_that_around() -> None:
    values = torch.zeros(10, 10)
    values[3:6, 2:6] = 1.0
    field = Field.over(values, 5.0)
    assert field.within(Box(10, 15, 20, 15)) == (12.0, 12)
    assert field.contrast(Box(10, 15, 20, 15)) == pytest.approx(1.0)
    assert field.contrast(Box(0, 0, 50, 50)) == pytest.approx(0.12)  # nothing is around it
    assert field.contrast(Box(15, 15, 10, 15)) < 0.9
