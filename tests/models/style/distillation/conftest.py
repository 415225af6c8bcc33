"""A small teacher, with random weights, and pictures to be taught with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from models.devices import one_thread
from models.narrow_shape import Shape
from models.style.distillation.options import Teaching
from models.vgg import VGG
from tests.models.style.conftest import painting, photograph

SMALL = Shape((4, 6, 8, 10))
QUICK = Teaching(SMALL, steps=8, size=24, batch=2, fresh=2, echoes=2, beginning=2)


@pytest.fixture(autouse=True)
def quietly() -> Iterator[None]:
    """With one thread: matrices are small."""
    with one_thread(torch.device("cpu")):
        yield


@pytest.fixture
def vgg() -> VGG:
    torch.manual_seed(7)
    return VGG((2, 2, 3, 2), (8, 12, 16, 20)).eval().requires_grad_(False)


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, ...]:
    """Two pictures, and a folder of theirs alone."""
    folder = tmp_path / "pictures"
    (folder / "below").mkdir(parents=True)
    photograph().save(folder / "hills.png")
    painting().save(folder / "below" / "waves.jpg")
    return folder / "below" / "waves.jpg", folder / "hills.png"
