"""What was made of each photograph, and which are worth a look."""

import numpy as np

from models.training.examples import Example
from models.training.verdicts import Verdict, verdicts, worth_showing

LABELS = ("a", "b", "c", "d")


def example(number: int, label: str) -> Example:
    return Example(f"{number:064}", label, "test", f"{number}", None)


def verdict(number: int, label: str, named: str, confidence: float) -> Verdict:
    return Verdict(example(number, label), ((named, confidence),))


def test_the_first_three_answers_with_their_probabilities() -> None:
    examples = [example(1, "b"), example(2, "c")]
    found = verdicts(examples, LABELS, np.array([[0.1, 0.5, 0.15, 0.25], [0.3, 0.3, 0.4, 0.0]]))
    assert [each.answers for each in found] == [
        (("b", 0.5), ("d", 0.25), ("c", 0.15)),
        (("c", 0.4), ("a", 0.3), ("b", 0.3)),  # of equal ones the first class
    ]
    assert [each.example for each in found] == examples
    assert [(each.named, each.right) for each in found] == [("b", True), ("c", True)]


def test_of_fewer_classes_there_are_fewer_answers() -> None:
    (found,) = verdicts([example(1, "b")], LABELS[:2], np.array([[0.9, 0.1]]))
    assert found.answers == (("a", 0.9), ("b", 0.1)) and not found.right


def test_every_mistake_comes_before_any_comes_twice_and_then_some_that_are_right() -> None:
    found = [
        verdict(1, "a", "a", 0.99), verdict(2, "a", "a", 0.9), verdict(3, "a", "a", 0.95),
        verdict(4, "a", "b", 0.6), verdict(5, "a", "b", 0.8), verdict(6, "a", "b", 0.7),
        verdict(7, "c", "b", 0.4), verdict(8, "b", "b", 0.5),
    ]  # fmt: skip
    order = [int(each.example.group) for each in worth_showing(found, right=2)]
    assert order == [5, 7, 6, 4, 1, 8, 3]
    assert [int(each.example.group) for each in worth_showing(found, right=0)] == [5, 7, 6, 4]
    assert list(worth_showing([], right=2)) == []
