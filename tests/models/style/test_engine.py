"""What a person chooses, seen in the painting: masks, colours, strokes, starts, tiles."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from models.options import InvalidOption
from models.style import search
from models.style.colours import to_opponent
from models.style.forecast import NotEnoughMemory, forecast
from models.style.manner import Album
from models.style.options import PaintOptions
from models.style.painters import Painter
from models.tensors import to_tensor
from tests.models.style.conftest import painting, photograph

SMALL = PaintOptions(size=96, strength=0.8)


def left(width: int = 128, height: int = 96) -> Image.Image:
    mask = Image.new("L", (width, height), 0)
    mask.paste(255, (0, 0, width // 2, height))
    return mask


def tinted(colour: str) -> Image.Image:
    return Image.blend(painting(), Image.new("RGB", painting().size, colour), 0.6)


def made(painter: Painter, options: PaintOptions = SMALL, **how: object) -> np.ndarray:
    """The painting in floating point: (height, width, 3)."""
    styles = how.pop("styles", [painting()])
    for step in painter.paint(photograph(), styles, options, **how):  # type: ignore[arg-type]
        last = step
    return last.pixels().astype(float)


def at(size: int) -> np.ndarray:
    return np.asarray(photograph().resize((size, size * 3 // 4), 1), float) / 255  # 1: Lanczos


@pytest.mark.parametrize("start", ["photograph", "noise"])
@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_outside_a_half_mask_at_most_a_fiftieth_of_the_change(
    quick: Painter, start: str, optimizer: str
) -> None:
    options = replace(SMALL, size=192, start=start, optimizer=optimizer)
    change = np.abs(made(quick, options, masks=[left()]) - at(192))
    inside, outside = change[:, :96].sum(), change[:, 96:].sum()
    assert inside / change[:, :96].size > 0.05
    assert outside <= 0.02 * (inside + outside)


def test_two_masks_two_styles(light: Painter) -> None:
    mask = left()
    other = Image.fromarray(255 - np.asarray(mask))
    styles = [tinted("red"), tinted("blue")]
    picture = made(light, replace(SMALL, strength=1.0), styles=styles, masks=[mask, other])
    warm = picture[..., 0] - picture[..., 2]
    assert warm[:, :40].mean() > 0.1 > -0.1 > warm[:, 56:].mean()


def test_the_photographs_colours_stay_to_rounding(quick: Painter) -> None:
    picture = made(quick, replace(SMALL, colours="photograph"))
    pair = (torch.from_numpy(each.transpose(2, 0, 1)[None]) for each in (picture, at(96)))
    painted, wanted = (to_opponent(each)[:, 1:] for each in pair)
    assert (painted - wanted).abs().max() < 1 / 255
    assert np.abs(picture - at(96)).mean() > 0.02  # and yet it is painted


@pytest.mark.parametrize("mode", ["histogram", "covariance"])
def test_matched_colours_are_nearer_to_the_photographs(quick: Painter, mode: str) -> None:
    style, matched = (
        made(quick, replace(SMALL, colours=each), styles=[tinted("red")]).mean((0, 1))
        for each in ("style", mode)
    )
    wanted = at(96).mean((0, 1))
    assert np.abs(matched - wanted).sum() < 0.5 * np.abs(style - wanted).sum()


def test_style_weights_mix(quick: Painter) -> None:
    styles = [Image.new("RGB", (90, 70), c) for c in ((200, 40, 40), (40, 40, 200))]
    reds = []
    for weights in ("1,0", "3,1", "1,1", "0,1"):
        picture = made(quick, replace(SMALL, strength=1.0, style_weights=weights), styles=styles)
        reds.append((picture[..., 0] - picture[..., 2]).mean())
    assert reds == sorted(reds, reverse=True)


def test_broader_strokes_vary_more_slowly(light: Painter) -> None:
    """How far a pixel is from its neighbour, over how far it is from the mean."""
    rough = []
    for scale in (0.4, 1.0):
        options = replace(SMALL, strength=1.0, style_scale=scale, size=128)
        picture = made(light, options).mean(2)
        rough.append(np.abs(np.diff(picture, axis=0)).mean() / picture.std())
    assert rough[0] > 1.1 * rough[1]


def test_detail_keeps_edges(light: Painter) -> None:
    """Laplacians of the photograph in the painting: how much of them is there."""

    def edges(picture: np.ndarray) -> np.ndarray:
        coarse = picture.reshape(24, 4, 32, 4, 3).mean((1, 3, 4))
        return coarse[1:-1, 1:-1] * 4 - coarse[:-2, 1:-1] - coarse[2:, 1:-1] \
            - coarse[1:-1, :-2] - coarse[1:-1, 2:]  # fmt: skip

    wanted = edges(at(128))
    away = [
        np.abs(edges(made(light, replace(SMALL, size=128, detail=d))) - wanted).mean()
        for d in (0.0, 1.0)
    ]
    assert away[1] < 0.8 * away[0]


@pytest.mark.parametrize("start", ["photograph", "noise", "blend"])
def test_every_start_paints_and_the_first_step_shows_it(quick: Painter, start: str) -> None:
    options = replace(SMALL, start=start, strength=0.4)
    steps = quick.paint(photograph(), [painting()], options)
    begun = next(steps)
    first = np.abs(begun.pixels() - at(96)).mean()
    low, high = {"photograph": (0, 0.05), "blend": (0.08, 0.2), "noise": (0.2, 0.5)}[start]
    assert low <= first <= high
    for step in steps:
        last = step
    assert last.losses["style"] < 0.8 * begun.losses["style"]


def test_short_memory_paints_the_same_in_tiles(quick: Painter) -> None:
    options = replace(SMALL, size=896, scales=1, steps=3)
    plenty = forecast(options, 128, 96)
    short = forecast(options, 128, 96, memory=plenty.bytes - 1)
    assert short.whole < 896 * 672 <= plenty.whole
    whole, tiled = made(quick, options), made(quick, options, memory=plenty.bytes - 1)
    assert np.abs(whole - tiled).max() < 0.02  # steps of a search grow what rounding began


def test_no_memory_is_refused_before_anything_is_painted(quick: Painter) -> None:
    with pytest.raises(NotEnoughMemory):
        quick.paint(photograph(), [painting()], SMALL, memory=1000)


def test_photographs_of_one_style_share_what_is_studied(quick: Painter) -> None:
    fresh = replace(quick, album=Album())
    studied = []
    for content in (photograph(), photograph(128, 60), photograph(70, 90)):
        for _ in fresh.paint(content, [painting()], replace(SMALL, size=192, steps=2)):
            pass
        studied.append(list(fresh.album.manners.values()))
    assert len(studied[0]) == 2  # scales
    assert all(
        one is other for each in studied[1:] for one, other in zip(studied[0], each, strict=True)
    )


def test_layers_by_hand(quick: Painter) -> None:
    made(quick, replace(SMALL, layers="stem=1,4.depth=0.5", steps=2))
    with pytest.raises(InvalidOption, match="relu1_1"):
        made(quick, replace(SMALL, layers="relu1_1=1"))
    with pytest.raises(InvalidOption, match="above 0"):
        made(quick, replace(SMALL, layers="stem=0"))


@pytest.mark.parametrize("masks", [1, 3])
def test_masks_are_one_a_style(quick: Painter, masks: int) -> None:
    with pytest.raises(ValueError, match="one a style: 2"):
        quick.paint(photograph(), [painting()] * 2, SMALL, masks=[left()] * masks)


def test_a_scale_that_has_converged_ends_early(
    quick: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PROGRESS", 0.9)  # nothing counts as progress
    steps = list(quick.paint(photograph(), [painting()], replace(SMALL, size=192, steps=40)))
    assert len(steps) == 2 * (search.PATIENCE + 1) < steps[0].steps
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0


def test_tensors_of_photographs_are_what_is_compared() -> None:
    assert torch.allclose(
        to_tensor(photograph())[0].permute(1, 2, 0).double(), torch.from_numpy(at(128)), atol=1e-6
    )
