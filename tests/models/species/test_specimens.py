"""Several specimens in one picture, on scenes made here of photographs that the project ships."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from models.images import open_picture, resize
from models.species.boxes import Box, iou
from models.species.classifier import Classifier, load_classifier
from models.species.registry import Registry
from models.species.specimens import specimens

SAMPLES = Path(__file__).parents[3] / "static" / "samples" / "content"
MODEL = Registry(Path("/nowhere")).get("wildlife")


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier(MODEL, torch.device("cpu"))


def sand(width: int, height: int) -> Image.Image:
    grains = np.random.default_rng(1).normal(size=(height, width, 1))
    return Image.fromarray(np.clip(np.array([200, 175, 135]) + 16 * grains, 0, 255).astype("uint8"))


def cat(width: int) -> Image.Image:
    return resize(open_picture(SAMPLES / "chelsea.jpg"), width, round(width * 300 / 451))


def nautilus(width: int) -> Image.Image:
    shell = open_picture(SAMPLES / "nautilus.jpg").crop((123, 61, 840, 731))
    return resize(shell, width, round(width * 670 / 717))


@pytest.mark.parametrize("background", ["paper", "sand", "cup"])
def test_a_cat_and_a_shell_are_found_and_named(classifier: Classifier, background: str) -> None:
    scene = {
        "paper": lambda: Image.new("RGB", (800, 600), (235, 232, 225)),
        "sand": lambda: sand(800, 600),
        "cup": lambda: resize(open_picture(SAMPLES / "coffee.jpg"), 800, 600).filter(
            ImageFilter.GaussianBlur(10)
        ),
    }[background]()
    boxes = {}
    for picture, left, top, species in (
        (cat(240), 60, 80, "Felis catus"), (nautilus(210), 500, 330, "Nautilus"),
    ):  # fmt: skip
        scene.paste(picture, (left, top))
        boxes[species] = Box(left, top, *picture.size)
    found = specimens(classifier, scene, 3)
    assert len(found) == 2
    for specimen in found:
        assert specimen.answer.rollup is not None
        assert iou(specimen.box, boxes.pop(specimen.answer.rollup.taxon.scientific_name)) > 0.5
    chances = [each.answer.alive * each.answer.guesses[0].probability for each in found]
    assert chances == sorted(chances, reverse=True)


@pytest.mark.parametrize("crop", [(0, 0, 451, 300), (5, 5, 446, 295), (60, 0, 380, 300)])
def test_a_specimen_that_fills_the_photograph_has_one_box(
    classifier: Classifier, crop: tuple[int, int, int, int]
) -> None:
    """Not one around an eye and another around an ear."""
    for picture in (
        face := open_picture(SAMPLES / "chelsea.jpg").crop(crop),
        face.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    ):
        (only,) = specimens(classifier, picture, 1)
        assert only.answer.guesses[0].taxon.scientific_name == "Felis catus"
        assert only.box.area > 0.4 * picture.width * picture.height


def test_specimens_of_one_species_side_by_side_are_several(classifier: Classifier) -> None:
    """What is between those of a drawer is no part of any."""
    drawer = Image.new("RGB", (1000, 600), (235, 232, 225))
    places = [(100 + 300 * column, 100 + 233 * row) for row in range(2) for column in range(3)]
    for place in places:
        drawer.paste(cat(200), place)
    found = specimens(classifier, drawer, 1)
    assert len(found) == 6
    for left, top in places:
        assert any(iou(each.box, Box(left, top, 200, 133)) > 0.5 for each in found)


@pytest.mark.parametrize("name", ["coffee", "rocket"])
def test_where_nothing_lives_is_no_box(classifier: Classifier, name: str) -> None:
    assert specimens(classifier, open_picture(SAMPLES / f"{name}.jpg"), 1) == []


def test_a_texture_and_a_tiny_picture_have_no_box(classifier: Classifier) -> None:
    assert specimens(classifier, sand(400, 300), 1) == []
    assert specimens(classifier, Image.new("RGB", (16, 40), "green"), 1) == []
