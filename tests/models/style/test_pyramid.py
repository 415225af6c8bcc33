"""Scales from coarse to fine."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models.style.pyramid import COARSEST, scales

sides = st.integers(1, 4000)


@given(sides, sides)
def test_scales_double_and_end_at_the_size_asked_for(width: int, height: int) -> None:
    plan = scales(width, height, 80, 0.6)
    assert (plan[-1].width, plan[-1].height) == (width, height)
    for coarse, fine in pairwise(plan):
        assert abs(fine.width - 2 * coarse.width) <= 2
        assert abs(fine.height - 2 * coarse.height) <= 2
        assert coarse.evaluations >= fine.evaluations >= 2
    assert all(min(scale.width, scale.height) >= 1 for scale in plan)


@given(st.integers(2 * COARSEST, 4000))
def test_the_coarsest_scale_is_small_but_not_too_small(longer: int) -> None:
    first = scales(longer, longer // 2, 80, 0.6)[0]
    assert COARSEST <= first.width <= 2 * COARSEST


def test_the_default_size_has_three_scales() -> None:
    plan = scales(512, 384, 80, 0.5)
    assert [(scale.width, scale.height, scale.evaluations) for scale in plan] == [
        (128, 96, 80), (256, 192, 40), (512, 384, 20),
    ]  # fmt: skip


def test_a_small_picture_has_one_scale() -> None:
    assert len(scales(64, 48, 80, 0.5)) == 1
