"""Intersection over union, and non-maximum suppression."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.species.boxes import Box, around, containment, iou, suppress

sides = st.integers(0, 20)
boxes = st.builds(Box, sides, sides, sides, sides)


def pixels(box: Box) -> set[tuple[int, int]]:
    """The same box by counting."""
    return {
        (x, y)
        for x in range(int(box.left), int(box.left + box.width))
        for y in range(int(box.top), int(box.top + box.height))
    }


@given(boxes, boxes)
def test_iou_is_what_counting_pixels_gives(one: Box, other: Box) -> None:
    a, b = pixels(one), pixels(other)
    assert iou(one, other) == pytest.approx(len(a & b) / len(a | b) if a | b else 0.0)
    assert iou(one, other) == iou(other, one)


@given(boxes.filter(lambda box: box.area > 0))
def test_a_box_agrees_with_itself(box: Box) -> None:
    assert iou(box, box) == 1.0


def test_half_of_it() -> None:
    assert iou(Box(0, 0, 2, 2), Box(1, 0, 2, 2)) == pytest.approx(1 / 3)


@given(st.lists(st.tuples(boxes, st.floats(0, 1)), max_size=12), st.floats(0, 1))
def test_suppression_keeps_the_best_and_nothing_that_agrees_with_it(
    found: list[tuple[Box, float]], most: float
) -> None:
    given_boxes, scores = [box for box, _ in found], [score for _, score in found]
    kept = suppress(given_boxes, scores, most)
    assert [scores[i] for i in kept] == sorted((scores[i] for i in kept), reverse=True)
    for place, index in enumerate(kept):
        assert all(iou(given_boxes[index], given_boxes[i]) <= most for i in kept[:place])
    for index in set(range(len(found))) - set(kept):
        assert any(
            iou(given_boxes[index], given_boxes[i]) > most and scores[i] >= scores[index]
            for i in kept
        )


def test_of_three_on_one_butterfly_one_is_kept() -> None:
    found = [Box(0, 0, 10, 10), Box(1, 1, 10, 10), Box(30, 0, 10, 10)]
    assert suppress(found, [0.6, 0.9, 0.5], 0.5) == [1, 2]


@given(boxes, boxes)
def test_containment_is_the_share_of_the_smaller_box(one: Box, other: Box) -> None:
    a, b = pixels(one), pixels(other)
    smaller = min(len(a), len(b))
    assert containment(one, other) == pytest.approx(len(a & b) / smaller if smaller else 0.0)


def test_a_part_is_inside_its_whole() -> None:
    assert containment(Box(0, 0, 20, 20), Box(5, 5, 4, 4)) == 1.0


def test_a_part_goes_with_its_whole_where_wanted() -> None:
    found = [Box(0, 0, 20, 20), Box(5, 5, 4, 4), Box(30, 30, 5, 5)]
    assert suppress(found, [0.9, 0.8, 0.7], 0.5) == [0, 1, 2]
    assert suppress(found, [0.9, 0.8, 0.7], 0.5, inside=0.35) == [0, 2]


def test_boxes_around_what_is_connected() -> None:
    mask = np.zeros((6, 8), bool)
    mask[0, 0] = mask[1, 1] = mask[2, 1] = True  # corners touch
    mask[4:6, 5:8] = True
    assert around(mask, 10.0) == [Box(0, 0, 20, 30), Box(50, 40, 30, 20)]
    assert around(np.zeros((3, 3), bool), 1.0) == []


@given(arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_parts_are_what_flooding_finds(mask: npt.NDArray[np.bool_]) -> None:
    left = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    flooded = []
    while left:
        part, edge = set(), {left.pop()}
        while edge:
            part |= edge
            near = {(y + dy, x + dx) for y, x in edge for dy in (-1, 0, 1) for dx in (-1, 0, 1)}
            edge = near & left
            left -= edge
        rows, columns = ([place[axis] for place in part] for axis in (0, 1))
        top, first = min(rows), min(columns)
        flooded.append(Box(first, top, max(columns) + 1 - first, max(rows) + 1 - top))

    def order(box: Box) -> tuple[float, ...]:
        return (box.left, box.top, box.width, box.height)

    assert sorted(around(mask, 1.0), key=order) == sorted(flooded, key=order)
