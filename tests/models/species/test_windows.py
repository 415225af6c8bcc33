"""Several specimens in one picture, on scenes made here of photographs that the project ships."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from models.images import open_picture, resize
from models.species.boxes import Box, iou
from models.species.card import Card
from models.species.classifier import Classifier, load_classifier
from models.species.registry import Registry
from models.species.windows import Field, alive_odds, specimens, unlike_the_rest

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


def test_cells_are_what_the_whole_is_the_mean_of(classifier: Classifier) -> None:
    picture = torch.rand(1, 3, 96, 160, generator=torch.Generator().manual_seed(1))
    scores, features = classifier.cells(picture)
    assert scores.shape == (1, 1000, 3, 5) and features.shape[2:] == (6, 10)
    assert torch.allclose(scores.mean((2, 3)), classifier.logits(picture), atol=1e-4)


def test_a_model_of_living_things_only_compares_with_the_middle_cell(
    classifier: Classifier,
) -> None:
    known = [label for label in MODEL.card.classes if label[1] is not None]
    card = Card.model_validate(
        MODEL.card.model_dump(exclude={"taxa"})
        | {"taxa": [taxon.record() for taxon in MODEL.card.taxa], "classes": known}
    )
    scores = torch.zeros(len(known), 3, 3)
    scores[:, 1, 1] = 2.0
    living = Classifier(
        card, classifier.trunk, classifier.weight, classifier.bias, torch.device("cpu")
    )
    odds = alive_odds(living, scores)
    assert odds[1, 1] == pytest.approx(2.0 / card.calibration.temperature, abs=1e-4)
    assert odds[0, 0] == pytest.approx(0.0, abs=1e-4)


def test_what_differs_from_the_background() -> None:
    features = torch.randn(5, 20, 20, generator=torch.Generator().manual_seed(2)) * 0.1
    features[:, 4:8, 4:8] += 3.0
    far = unlike_the_rest(features)
    assert float(far[4:8, 4:8].min()) > 0.8
    assert abs(float(far.median())) < 1e-6
    assert unlike_the_rest(torch.ones(5, 4, 4)).abs().max() == 0.0


def test_contrast_is_the_mean_inside_less_that_around() -> None:
    values = torch.zeros(10, 10)
    values[3:6, 2:6] = 1.0
    field = Field.over(values, 5.0)
    assert field.within(Box(10, 15, 20, 15)) == (12.0, 12)
    assert field.contrast(Box(10, 15, 20, 15)) == pytest.approx(1.0)
    assert field.contrast(Box(0, 0, 50, 50)) == pytest.approx(0.12)  # nothing is around it
    assert field.contrast(Box(15, 15, 10, 15)) < 0.9
