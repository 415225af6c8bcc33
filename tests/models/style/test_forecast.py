"""Memory as it is foretold: what it grows with, and when it says no."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.style.forecast import APPETITES, ROOMY, NotEnoughMemory, forecast
from models.style.options import PAINTERS, PaintOptions
from models.style.recipes import RECIPES

SIZES = st.sampled_from(range(64, 8193, 64))
SIDES = st.integers(16, 9000)
PAINTER = st.sampled_from(PAINTERS)
ROOT = Path(__file__).parents[3]


def test_every_painter_has_an_appetite() -> None:
    assert {recipe.network for recipe in RECIPES.values()} == set(APPETITES)


@given(painter=PAINTER, size=SIZES, width=SIDES, height=SIDES)
def test_a_painting_has_the_photographs_shape(
    painter: str, size: int, width: int, height: int
) -> None:
    ahead = forecast(PaintOptions(size=size, painter=painter), width, height)
    assert max(ahead.width, ahead.height) == size
    assert ahead.width * height == pytest.approx(ahead.height * width, abs=max(width, height))


@given(painter=PAINTER, size=SIZES)
def test_masks_and_tiles_count(painter: str, size: int) -> None:
    options = PaintOptions(size=size, painter=painter)
    plain = forecast(options, 400, 300)
    assert forecast(options, 400, 300, masks=2).bytes > plain.bytes
    assert forecast(options, 400, 300, roomy=True).bytes >= plain.bytes


def test_beyond_what_is_seen_whole_memory_grows_by_the_pixels_held() -> None:
    taken = [
        forecast(PaintOptions(size=size, painter="light"), 1000, 1000).bytes
        for size in (4096, 6144, 8192)
    ]
    per_pixel = (taken[2] - taken[1]) / (8192**2 - 6144**2)
    assert taken == sorted(taken)
    assert 12 * 9 < per_pixel < 12 * 20


@given(painter=PAINTER, size=SIZES, megabytes=st.integers(0, 20_000))
def test_within_a_limit_or_refused(painter: str, size: int, megabytes: int) -> None:
    options = PaintOptions(size=size, painter=painter)
    try:
        ahead = forecast(options, 640, 480, memory=megabytes * 1_000_000)
    except NotEnoughMemory as refused:
        assert f"{size} x" in str(refused) and "smaller" in str(refused)
        with pytest.raises(NotEnoughMemory):
            forecast(options, 640, 480, memory=megabytes * 1_000_000, roomy=True)
    else:
        assert ahead.bytes <= megabytes * 1_000_000
        assert ahead.whole <= ROOMY


def test_short_memory_means_tiles() -> None:
    options = PaintOptions(size=1024)
    plenty = forecast(options, 1000, 1000)
    short = forecast(options, 1000, 1000, memory=plenty.bytes - 1)
    assert plenty.whole == 1024**2 and short.whole < plenty.whole


def test_where_there_is_room_all_is_seen_whole() -> None:
    assert forecast(PaintOptions(size=4096), 640, 480, roomy=True).whole == 4096 * 3072


def test_the_papers_one_scale_is_foretold_as_one() -> None:
    options = PaintOptions(size=1024, painter="paper-vgg16", scales=0)
    assert forecast(options, 1000, 1000).whole in (0, 1024**2)


def test_to_foretell_loads_no_torch() -> None:
    look = "import sys, models.style.forecast; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], cwd=ROOT).returncode == 0
