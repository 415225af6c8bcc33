"""The same seeds give the same view; a part lies within its photograph."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from models.species.card import Preprocessing
from models.species.classifier import views_of
from models.training.views import AREA, SHAPE, part_of, seed_of, view_of, window
from tests.models.training.miniatures import picture

HOW = Preprocessing(pixels=64, share=0.875)


def test_the_first_two_views_are_what_a_classifier_looks_at() -> None:
    photograph = picture(1)
    for number, wanted in enumerate(views_of(photograph, HOW)):
        assert view_of(photograph, HOW, number, 5).tobytes() == wanted.tobytes()


def test_the_same_seeds_give_the_same_picture_and_others_another() -> None:
    photograph = picture(1)
    seeds = [(2, 7, 1), (2, 7, 2), (2, 8, 1), (3, 7, 1)]
    found = [view_of(photograph, HOW, view, *rest).tobytes() for view, *rest in seeds]
    assert len(set(found)) == len(seeds)
    assert found == [view_of(photograph, HOW, view, *rest).tobytes() for view, *rest in seeds]


@given(st.integers(16, 2000), st.integers(16, 2000), st.integers(0, 2**32))
def test_a_part_lies_within_the_photograph(width: int, height: int, seed: int) -> None:
    left, top, right, bottom = window(width, height, np.random.default_rng(seed))
    assert 0 <= left < right <= width and 0 <= top < bottom <= height
    across, down = right - left, bottom - top
    if across != down or across != min(width, height):  # not the middle, for want of a part
        share = across * down / (width * height)
        rounding = (across + down) / (width * height)
        assert AREA[0] - rounding <= share <= AREA[1] + rounding
        assert SHAPE[0] * (1 - 1 / down) <= across / down + 1 / down
        assert across / down <= SHAPE[1] + 2 / down


@given(st.integers(16, 64), st.integers(0, 2**32))
def test_of_a_slender_photograph_the_middle_is_taken(width: int, seed: int) -> None:
    """No part of a shape in the range has the area of a third of it."""
    found = window(width, 10 * width, np.random.default_rng(seed))
    assert found == (0, 4 * width + width // 2, width, 5 * width + width // 2)


def test_a_part_has_the_networks_size_and_about_the_photographs_colours() -> None:
    grey = Image.new("RGB", (90, 50), (120, 120, 120))
    part = part_of(grey, HOW.pixels, np.random.default_rng(3))
    assert part.size == (64, 64)
    ((low, high), *_) = part.getextrema()
    assert low == high and 0.79 * 120 <= low <= 1.21 * 120
    random = np.random.default_rng(4)
    levels = {part_of(grey, HOW.pixels, random).getpixel((5, 5)) for _ in range(20)}
    assert len(levels) > 10


def test_half_of_the_parts_are_mirrored() -> None:
    ramp = Image.linear_gradient("L").rotate(90).convert("RGB")  # one side is dark
    random = np.random.default_rng(5)
    darker_left = 0
    for _ in range(200):
        part = part_of(ramp, HOW.pixels, random).convert("L")
        darker_left += part.getpixel((2, 32)) < part.getpixel((61, 32))
    assert 70 < darker_left < 130
    assert ImageChops.difference(ramp, ramp.transpose(Image.Transpose.FLIP_LEFT_RIGHT)).getbbox()


def test_a_seed_stands_for_a_photograph() -> None:
    seeds = {seed_of(f"{number:064x}") for number in range(1000)}
    assert len(seeds) > 998
    assert seed_of("ab") == seed_of("ab") >= 0
