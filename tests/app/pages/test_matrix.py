"""What is taken for what, as a table."""

from typing import Any

import numpy as np
import pytest

from app.pages.matrix import MOST, SHADES, Cell, matrix, shade
from models.training.metrics import Report


def record(rows: Any, truth: Any, labels: Any) -> dict[str, Any]:
    return Report.of_probabilities(rows, truth, labels).record()


def test_a_row_a_true_class_and_nothing_where_nothing_was() -> None:
    rows = [[0.9, 0.1, 0.0], [0.9, 0.1, 0.0], [0.3, 0.7, 0.0], [0.6, 0.4, 0.0]]
    found = matrix(record(rows, [0, 0, 1, 1], ["ash", "<b>", "oak"]))
    assert found.names == [("ash", "ash"), ("<b>", "<b>")]  # of oaks there is nothing
    assert found.rows == [
        [Cell("ash", "ash", 2, SHADES), None],
        [Cell("<b>", "ash", 1, 3), Cell("<b>", "<b>", 1, 3)],
    ]
    assert [cell.right for row in found.rows for cell in row if cell] == [True, False, True]
    assert found.cut == ""


@pytest.mark.parametrize(("share", "wanted"), [(0.001, 1), (0.5, 3), (0.51, 4), (1.0, 6)])
def test_a_shade_for_each_share(share: float, wanted: int) -> None:
    assert shade(share) == wanted


def test_a_name_that_is_no_class_of_the_photographs_has_a_row_without_figures() -> None:
    found = matrix(record([[0.0, 1.0]], [0], ["ash", "oak"]))
    assert found.rows == [[None, Cell("ash", "oak", 1, SHADES)], [None, None]]


def test_of_many_classes_those_that_are_confused() -> None:
    labels = [f"species number {place} of a long list" for place in range(100)]
    said = np.arange(100)
    said[[10, 50]] = 50, 10
    found = matrix(record(np.eye(100)[said], range(100), labels))
    assert len(found.names) == len(found.rows) == MOST
    assert found.names[0][1] == "species numb…f a long list"
    wrong = [cell for row in found.rows for cell in row if cell and not cell.right]
    assert {(cell.truth, cell.named) for cell in wrong} == {
        (labels[10], labels[50]), (labels[50], labels[10]),
    }  # fmt: skip
    assert found.cut == "Only the 40 classes that are most often confused, of 100."
