"""What a student is shown: the same for the same seed, and nothing that is no picture."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.style.distillation.crops import Crops, NoPictures, pictures_in
from models.style.distillation.procedural import KINDS, Draw


def test_a_batch_is_the_same_whatever_was_drawn_before(pictures: tuple[Path, ...]) -> None:
    crops = Crops(pictures, 32, 3, 0.5, 1)
    batches = [crops.of(number) for number in range(4)]
    again = Crops(pictures, 32, 3, 0.5, 1)
    assert torch.equal(again.of(3), batches[3])
    assert torch.equal(again.of(0), batches[0])
    assert not torch.equal(batches[0], batches[1])
    assert not torch.equal(replace(crops, seed=2).of(0), batches[0])
    assert batches[0].shape == (3, 3, 32, 32)


def test_crops_come_from_pictures_unless_they_are_made(pictures: tuple[Path, ...]) -> None:
    taken, made = (Crops(pictures, 32, 16, share, 1) for share in (0.0, 1.0))
    assert taken.of(0).isfinite().all()
    assert made._decoded == {} or not made.of(0).numel()
    made.of(0)
    assert made._decoded == {} and set(taken._decoded) == set(pictures)


def test_a_picture_smaller_than_a_crop_is_enough(pictures: tuple[Path, ...]) -> None:
    assert Crops(pictures, 256, 1, 0.0, 1).of(0).shape == (1, 3, 256, 256)


def test_pictures_are_found_in_folders_of_folders(pictures: tuple[Path, ...]) -> None:
    folder = pictures[1].parent
    (folder / "hills.thumb.png").write_bytes(b"")
    (folder / "notes.txt").write_text("none")
    assert pictures_in([folder]) == pictures
    assert pictures_in([]) == ()


def test_a_folder_without_pictures_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoPictures, match=tmp_path.name):
        pictures_in([tmp_path])


@pytest.mark.parametrize("draw", KINDS)
def test_made_pictures_are_pictures_and_differ(draw: Draw) -> None:
    random = np.random.default_rng(5)
    several = [draw(random, 48) for _ in range(6)]
    for picture in several:
        assert picture.shape == (48, 48, 3) and picture.dtype == np.float32
        assert picture.min() >= 0.0 and picture.max() <= 1.0
    assert max(picture.std() for picture in several) > 0.02
    assert not np.array_equal(several[0], several[1])
    assert np.array_equal(draw(np.random.default_rng(8), 48), draw(np.random.default_rng(8), 48))
