"""The painters, end to end on small pictures."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.style.engine import Step
from models.style.options import PAINTERS, QUICK, PaintOptions
from models.style.painters import Painter, load_painter
from models.style.recipes import RECIPES
from models.vgg import VGG
from models.weights import Weights, WeightsMissing
from tests.models.style.conftest import painting, photograph

CPU = torch.device("cpu")
DATA = Path(__file__).parents[3].parent / "shared" / "data"


def painted(
    painter: Painter,
    content: Image.Image | None = None,
    styles: Sequence[Image.Image] = (),
    **options: object,
) -> tuple[list[Step], np.ndarray]:
    chosen = PaintOptions.parse({"size": 128, **options})
    steps = list(painter.paint(content or photograph(), styles or [painting()], chosen))
    return steps, np.asarray(steps[-1].picture(), dtype=float)


@pytest.mark.parametrize("name", QUICK)
def test_a_painter_that_needs_no_download_paints(name: str, tmp_path: Path) -> None:
    painter = load_painter(name, CPU, Weights(None, tmp_path))
    steps, picture = painted(painter)
    assert picture.shape == (96, 128, 3)
    assert [step.step for step in steps] == list(range(1, len(steps) + 1))
    assert all(step.steps == len(steps) and step.scales == 1 for step in steps)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions) and fractions[0] > 0 and fractions[-1] == 1.0
    assert set(steps[0].losses) == {"content", "style", "smoothness", "total"}
    assert steps[-1].losses["style"] < 0.2 * steps[0].losses["style"]
    assert np.abs(picture - np.asarray(photograph(), float)).mean() > 10


@pytest.mark.parametrize("name", QUICK)
def test_a_network_may_compute_in_fewer_digits(name: str, tmp_path: Path) -> None:
    """As it does on a GPU; what is measured is not."""
    rough, exact = (
        painted(load_painter(name, CPU, Weights(None, tmp_path), precision), steps=4)[0]
        for precision in (torch.bfloat16, None)
    )
    assert rough[0].losses["total"] == pytest.approx(exact[0].losses["total"], rel=0.1)


def test_scales_follow_one_another_and_weigh_by_their_pixels(quick: Painter) -> None:
    steps, picture = painted(quick, size=256)
    assert picture.shape == (192, 256, 3)
    sizes = list(dict.fromkeys((step.scale, step.width, step.height) for step in steps))
    assert sizes == [(1, 128, 96), (2, 256, 192)]
    first, last = steps[0].fraction, steps[-1].fraction - steps[-2].fraction
    assert last == pytest.approx(4 * first)
    assert steps[0].picture().size == (128, 96)


def test_the_same_seed_is_the_same_picture_and_another_is_not(quick: Painter) -> None:
    _, one = painted(quick, seed=3)
    _, again = painted(quick, seed=3)
    _, other = painted(quick, seed=4)
    assert np.array_equal(one, again)
    assert np.abs(one - other).mean() > 1


def test_strength_goes_from_the_photograph_to_paint(quick: Painter) -> None:
    lasts = {s: painted(quick, strength=s) for s in (0.0, 0.3, 0.6, 1.0)}
    original = np.asarray(photograph(), float)
    away = [np.abs(picture - original).mean() for _, picture in lasts.values()]
    assert away[0] < 1.5
    assert away == sorted(away) and away[-1] > 2 * away[1]
    style = [steps[-1].losses["style"] for steps, _ in lasts.values()]
    assert style == sorted(style, reverse=True)


def test_smoothness_calms_neighbouring_pixels(quick: Painter) -> None:
    rough, calm = (painted(quick, smoothness=s)[1] for s in (0.0, 1.0))
    assert np.abs(np.diff(calm, axis=1)).mean() < np.abs(np.diff(rough, axis=1)).mean()


def test_borders_look_like_the_rest(light: Painter) -> None:
    """A grey photograph: the strokes at the edges are as light and as lively as inside."""
    grey = Image.new("RGB", (128, 128), (120, 120, 120))
    _, picture = painted(light, content=grey, strength=0.8)
    frame = np.ones((128, 128), bool)
    frame[5:-5, 5:-5] = False
    inside = ~frame
    assert abs(picture[frame].mean() - picture[inside].mean()) < 12
    assert 0.6 < picture[frame].std() / picture[inside].std() < 1.5


@pytest.mark.parametrize("size", [(65, 41), (300, 17), (17, 300), (16, 16)])
def test_any_shape_can_be_painted(quick: Painter, size: tuple[int, int]) -> None:
    steps, picture = painted(quick, content=photograph(*size), styles=[painting(40, 300)], size=64)
    assert max(picture.shape[:2]) == 64
    assert np.isfinite(steps[-1].losses["total"])


def test_several_styles_mix(light: Painter) -> None:
    warm, cold = (Image.fromarray(np.roll(np.asarray(painting()), turn, 2)) for turn in (0, 2))
    blue = [
        painted(light, styles=styles, strength=1.0)[1][..., 2].mean()
        for styles in ([warm], [warm, cold], [cold])
    ]
    assert min(blue[0], blue[2]) < blue[1] < max(blue[0], blue[2])


def test_a_style_of_one_colour_gives_its_colour(light: Painter) -> None:
    _, picture = painted(light, styles=[Image.new("RGB", (64, 64), (200, 60, 30))], strength=1.0)
    red, _, blue = picture.mean((0, 1))
    assert red > blue + 40


def test_leaving_the_loop_ends_the_painting(quick: Painter) -> None:
    steps = quick.paint(photograph(), [painting()], PaintOptions(size=64))
    next(steps).picture()
    steps.close()
    assert next(steps, None) is None


def test_a_painting_needs_a_style(quick: Painter) -> None:
    with pytest.raises(ValueError, match="style"):
        next(quick.paint(photograph(), [], PaintOptions()))


def test_every_painter_has_a_recipe_of_taps_that_exist(light: Painter) -> None:
    assert set(RECIPES) == set(PAINTERS)
    for recipe in RECIPES.values():
        taps = (
            light.network.taps
            if recipe.network == "efficientnet_lite0"
            else VGG((2, 2, 4, 4, 4)).taps
        )
        assert {*recipe.style, *recipe.content} <= set(taps)


@pytest.mark.parametrize(
    ("name", "depths"), [("vgg19", (2, 2, 4, 4, 4)), ("vgg16", (2, 2, 3, 3, 3))]
)
def test_classic_paints_with_weights_from_a_folder(
    tmp_path: Path, name: str, depths: tuple[int, ...]
) -> None:
    """Random weights: they show that the way through the code is whole, not how it looks."""
    torch.manual_seed(1)
    network = VGG(depths)
    state = {}
    for tap, index in network.indices.items():
        layer = network.layers[tap]
        state[f"features.{index}.weight"] = (layer.weight * 2).half()
        state[f"features.{index}.bias"] = layer.bias.half()
    torch.save(state, tmp_path / f"{name}_random.pth")
    painter = load_painter(
        "classic" if name == "vgg19" else "classic-vgg16", CPU, Weights(tmp_path, tmp_path)
    )
    short = replace(painter, recipe=replace(painter.recipe, evaluations=6))
    steps, picture = painted(short, size=64)
    assert picture.shape == (48, 64, 3)
    assert steps[-1].losses["total"] < steps[0].losses["total"]


def test_classic_without_weights_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder to download to")
    with pytest.raises(WeightsMissing, match="MERIAN_WEIGHTS"):
        load_painter("classic", CPU, Weights(None, tmp_path / "file"))


@pytest.mark.skipif(
    not (DATA / "weights").is_dir(), reason="needs the VGG-16 in ../shared/data/weights"
)
def test_classic_vgg16_paints_with_real_weights() -> None:
    painter = load_painter("classic-vgg16", CPU, Weights(DATA / "weights", DATA))
    short = replace(painter, recipe=replace(painter.recipe, evaluations=15))
    steps, picture = painted(short)
    assert steps[-1].losses["style"] < 0.3 * steps[0].losses["style"]
    assert picture.shape == (96, 128, 3)
