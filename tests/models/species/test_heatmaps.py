"""Where the network looked."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.images import open_picture, resize
from models.species.classifier import Classifier, load_classifier
from models.species.heatmaps import GRID, Heat, heatmap, overlay
from models.species.registry import Registry
from models.species.taxonomy import Taxon

SAMPLES = Path(__file__).parents[3] / "static" / "samples" / "content"
MODEL = Registry(Path("/nowhere")).get("wildlife")


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier(MODEL, torch.device("cpu"))


def taxon(name: str) -> Taxon:
    return next(each for each in MODEL.card.taxa if each.scientific_name == name)


def inside(heat: Heat, picture: Image.Image, box: tuple[int, int, int, int]) -> float:
    """The share of the heat in a box: left, top, right, bottom in pixels."""
    scale = heat.shape[1] / picture.width
    left, top, right, bottom = (round(side * scale) for side in box)
    return float(heat[top:bottom, left:right].sum() / heat.sum())


@pytest.mark.parametrize("colour", [(235, 232, 225), (40, 60, 50)])
def test_heat_is_on_the_only_specimen(classifier: Classifier, colour: tuple[int, int, int]) -> None:
    scene = Image.new("RGB", (900, 700), colour)
    scene.paste(resize(open_picture(SAMPLES / "chelsea.jpg"), 240, 160), (560, 90))
    cat = taxon("Felis catus")
    heat = heatmap(classifier, scene, cat)
    assert heat.dtype == np.float32 and heat.shape == (100, GRID)
    assert heat.min() >= 0.0 and heat.max() == pytest.approx(1.0)
    assert inside(heat, scene, (560, 90, 800, 250)) > 0.7
    family = cat.at("family")
    assert family is not None
    assert inside(heatmap(classifier, scene, family), scene, (560, 90, 800, 250)) > 0.7


def test_each_species_has_its_own_heat(classifier: Classifier) -> None:
    scene = Image.new("RGB", (800, 400), "lightgrey")
    scene.paste(resize(open_picture(SAMPLES / "chelsea.jpg"), 240, 160), (60, 100))
    shell = open_picture(SAMPLES / "nautilus.jpg").crop((123, 61, 840, 731))
    scene.paste(resize(shell, 230, 215), (500, 90))
    on_cat = heatmap(classifier, scene, taxon("Felis catus"))
    on_shell = heatmap(classifier, scene, taxon("Nautilus"))
    assert inside(on_cat, scene, (60, 100, 300, 260)) > 0.7
    assert inside(on_shell, scene, (500, 90, 730, 305)) > 0.7


def test_nothing_speaks_for_what_the_model_does_not_know(classifier: Classifier) -> None:
    unicorn = Taxon(("Animalia", "Chordata", "Mammalia", "Perissodactyla", "Monocerotidae"))
    heat = heatmap(classifier, open_picture(SAMPLES / "chelsea.jpg"), unicorn)
    assert heat.shape == (85, GRID) and not heat.any()


def test_an_overlay_is_clear_where_nothing_is_and_fits_the_photograph() -> None:
    heat = np.zeros((20, 30), np.float32)
    heat[8:12, 10:15] = 1.0
    picture = overlay(heat, 3000, 2000)
    assert (picture.mode, picture.size) == ("RGBA", (384, 256))
    assert picture.getpixel((5, 5))[3] == 0  # type: ignore[index]
    red, green, blue, alpha = picture.getpixel((160, 128))  # type: ignore[misc]
    assert red > green > 0 and red > blue and alpha > 150
    assert overlay(heat, 60, 40).size == (60, 40)
