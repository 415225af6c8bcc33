"""Pictures to tensors and back."""

import numpy as np
import torch
from PIL import Image

from models.tensors import to_picture, to_tensor


def test_there_and_back_is_the_same_picture() -> None:
    values = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    tensor = to_tensor(Image.fromarray(values))
    assert tensor.shape == (1, 3, 5, 7) and tensor.dtype == torch.float32
    assert tensor.is_contiguous() and tensor.min() >= 0 and tensor.max() <= 1
    assert abs(tensor[0, 2, 3, 4].item() * 255 - values[3, 4, 2]) < 1e-4
    assert np.array_equal(np.asarray(to_picture(tensor)), values)


def test_values_outside_the_range_are_clamped() -> None:
    tensor = torch.tensor([-1.0, 0.5, 2.0]).view(1, 3, 1, 1)
    assert to_picture(tensor).getpixel((0, 0)) == (0, 128, 255)
