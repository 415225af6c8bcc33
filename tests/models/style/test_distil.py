"""The command that teaches, from pictures and a weights file to a painter's own."""

from importlib.resources import files
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from models.backbones import BACKBONES, load_backbone
from models.devices import one_thread
from models.narrow_vgg import NarrowVGG
from models.style.distil import main
from models.style.distillation.card import LICENCE, Card, digest
from models.style.distillation.student import Student
from models.style.options import PaintOptions
from models.style.painters import Painter
from models.style.recipes import RECIPES
from models.vgg import VGG
from models.weights import Weights, read_metadata, read_weights
from tests.models.style.conftest import painting, photograph

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def vgg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a VGG-16, at random."""
    torch.manual_seed(1)
    network = BACKBONES["vgg16"].build()
    assert isinstance(network, VGG)
    state = {}
    for tap, index in network.indices.items():
        layer = network.convolution(tap)
        state[f"features.{index}.weight"] = layer.weight.detach().half()
        state[f"features.{index}.bias"] = torch.zeros(layer.out_channels).half()
    path = tmp_path_factory.mktemp("weights") / "vgg16_random.pth"
    torch.save(state, path)
    return path


def run(*words: object) -> str:
    with one_thread(CPU):
        found = CliRunner().invoke(main, [str(word) for word in words])
    assert found.exit_code == 0 or isinstance(found.exception, SystemExit), found.exception
    return found.output


def test_folders_and_a_vgg_become_a_weights_file_with_a_card(vgg: Path, tmp_path: Path) -> None:
    folder, output = tmp_path / "pictures", tmp_path / "merian.safetensors"
    folder.mkdir()
    photograph().save(folder / "hills.png")
    said = run(
        folder, "--vgg", vgg, "-o", output, "--steps", 2, "--size", 32, "--batch", 1,
        "--widths", "3,4,5,6", "--threads", 1, "--seed", 5,
    )  # fmt: skip
    assert "2 of 2: activations" in said and "merian.safetensors" in said
    card = Card.read(output)
    assert card.teacher.startswith("vgg16 ") and [name for name, _ in card.pictures] == [
        "hills.png"
    ]
    assert card.teaching["seed"] == 5 and set(card.activations) == set(card.grams)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["merian.safetensors", "pictures"]


def test_what_it_cannot_do_it_says(tmp_path: Path, vgg: Path) -> None:
    output = tmp_path / "merian.safetensors"
    assert "no pictures" in run(tmp_path, "--vgg", vgg, "-o", output)
    assert "--widths" in run("--vgg", vgg, "-o", output, "--widths", "1,2")
    other = tmp_path / "vgg16.pth"
    torch.save({"a": torch.ones(1)}, other)
    assert "no VGG-16 or VGG-19" in run("--vgg", other, "-o", output)


def test_the_weights_that_ship_are_what_their_card_says() -> None:
    source = BACKBONES["merian"].weights
    assert source.package
    path = Path(str(files(source.package[0]).joinpath(source.package[1])))
    card, state = Card.read(path), read_weights(path)
    assert card.tensors == digest(state) and card.teacher.startswith("vgg16 ")
    assert path.stat().st_size <= 8_000_000
    assert card.licence == read_metadata(path)["licence"] == LICENCE
    assert max(card.activations.values()) < 0.6 and set(card.grams) == set(card.activations)


def test_merian_paints_with_what_was_taught(tmp_path: Path) -> None:
    network = BACKBONES["merian"].build()
    assert isinstance(network, NarrowVGG)
    torch.manual_seed(2)
    student = Student(network.shape)
    for tap in student.taps:
        torch.nn.init.normal_(student.embedding(tap).weight)
    torch.save(student.packaged(), tmp_path / "merian.pth")
    painter = Painter(
        load_backbone("merian", CPU, Weights(tmp_path, tmp_path)), RECIPES["merian"], CPU
    )
    options = PaintOptions(size=64, quality="draft")
    losses = [step.losses["total"] for step in painter.paint(photograph(), [painting()], options)]
    assert losses[-1] < 0.8 * losses[0]
