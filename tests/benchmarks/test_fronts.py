"""Fronts on points whose areas are known."""

import pytest

from benchmarks.fronts import Front


def test_points_behind_the_controls_leave_a_triangle() -> None:
    front = Front.of([(0.2, 1.1), (1.0, 0.0), (1.3, 0.4), (0.0, 1.0)])
    assert front.points == ((0.0, 1.0), (1.0, 0.0))
    assert front.area == 0.5
    assert front.style_at(0.25) == 0.75


def test_a_better_point_hides_a_worse_one() -> None:
    front = Front.of([(0.5, 0.2), (0.6, 0.3), (0.4, 0.9)])
    assert front.points == ((0.0, 1.0), (0.4, 0.9), (0.5, 0.2), (1.0, 0.0))
    assert front.hull == ((0.0, 1.0), (0.5, 0.2), (1.0, 0.0))
    assert front.area == pytest.approx(0.5 * 0.6 + 0.5 * 0.1)


def test_a_better_front_has_a_smaller_area() -> None:
    assert Front.of([(0.4, 0.2)]).area < Front.of([(0.5, 0.3)]).area < 0.5


def test_one_more_painting_never_makes_a_method_worse() -> None:
    paintings = [(0.4, 0.4), (0.6, 0.3), (0.9, 0.25), (0.3, 0.9), (0.7, 0.31)]
    areas = [Front.of(paintings[:count]).area for count in range(1, 6)]
    assert areas == sorted(areas, reverse=True)
    assert Front.of([(0.55, 0.82)]).area == 0.5  # worse than nothing


def test_style_is_interpolated_between_points() -> None:
    front = Front.of([(0.4, 0.5), (0.6, 0.1)])
    found = [front.style_at(content) for content in (0.0, 0.2, 0.4, 0.5, 0.8, 1.0)]
    assert found == pytest.approx([1.0, 0.75, 0.5, 0.3, 0.05, 0.0])


def test_a_method_reaches_only_as_far_as_it_painted() -> None:
    front = Front.of([(0.4, 0.5), (0.6, 0.1), (0.7, 0.2)])
    assert [front.reaches(c) for c in (0.3, 0.4, 0.65, 0.7, 0.8)] == [
        False, True, True, True, False,
    ]  # fmt: skip


def test_of_two_points_with_one_content_the_better_counts() -> None:
    front = Front.of([(0.5, 0.4), (0.5, 0.3)])
    assert front.style_at(0.5) == 0.3
    assert front.style_at(0.25) == pytest.approx(0.65)
