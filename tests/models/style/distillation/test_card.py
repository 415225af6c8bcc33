"""The card travels in the weights file, and says what these are."""

from pathlib import Path

import pytest
import torch

from models.narrow_vgg import NarrowVGG
from models.style.distillation.card import LICENCE, Card, digest, sha256_of, write
from models.style.distillation.student import Student
from models.style.distillation.training import Taught
from models.weights import WeightsDamaged, read_metadata, read_weights, safetensors
from tests.models.style.distillation.conftest import QUICK, SMALL


@pytest.fixture
def written(tmp_path: Path, pictures: tuple[Path, ...]) -> tuple[Path, Card]:
    state = Student(SMALL).packaged()
    found = Taught(state, {"relu1_1": 0.01}, {"relu1_1": 0.02})
    card = Card.of("vgg16 abc", pictures, QUICK, found)
    path = tmp_path / "merian.safetensors"
    write(path, state, card)
    return path, card


def test_it_is_read_as_it_was_written(
    written: tuple[Path, Card], pictures: tuple[Path, ...]
) -> None:
    path, card = written
    found = Card.read(path)
    assert found.tensors == card.tensors == digest(read_weights(path))
    assert found.pictures == tuple((each.name, sha256_of(each)) for each in pictures)
    assert found.licence == LICENCE == read_metadata(path)["licence"]
    assert "Simonyan" in found.credit and found.teacher == "vgg16 abc"
    assert found.teaching["seed"] == QUICK.seed and found.activations == {"relu1_1": 0.01}
    assert [each.name for each in path.parent.iterdir() if each.is_file()] == [path.name]


def test_the_weights_beside_it_are_a_networks(written: tuple[Path, Card]) -> None:
    NarrowVGG(SMALL).read(read_weights(written[0]))


def test_a_changed_weight_is_another_digest() -> None:
    state = Student(SMALL).packaged()
    name = next(iter(state))
    other = {**state, name: torch.zeros_like(state[name])}
    assert digest(other) != digest(state)


def test_weights_without_a_card_and_no_weights_are_told(
    written: tuple[Path, Card], tmp_path: Path
) -> None:
    bare = tmp_path / "bare.safetensors"
    bare.write_bytes(b"".join(safetensors({"a": torch.ones(1)})))
    with pytest.raises(ValueError, match="no card"):
        Card.read(bare)
    bare.write_bytes(b"\xff" * 20)
    with pytest.raises(WeightsDamaged):
        Card.read(bare)
