"""Questions of several threads, answered by fewer looks, each with its own answers."""

import threading
import time
from collections.abc import Sequence

import pytest

from workers.together import Together


def test_each_gets_what_it_asked_for_and_looks_are_shared() -> None:
    looks: list[int] = []

    def double(items: Sequence[int]) -> list[int]:
        looks.append(len(items))
        time.sleep(0.02)
        return [2 * item for item in items]

    together: Together[int, int] = Together(double)
    answers: dict[int, list[int]] = {}

    def ask(number: int) -> None:
        answers[number] = together([number, number + 100])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: [2 * number, 2 * number + 200] for number in range(16)}
    assert sum(looks) == 32
    assert len(looks) < 16  # some waited, and were answered together


def test_an_error_reaches_those_who_shared_it_and_nobody_after() -> None:
    def divide(items: Sequence[int]) -> list[float]:
        return [1 / item for item in items]

    together: Together[int, float] = Together(divide)
    with pytest.raises(ZeroDivisionError):
        together([0])
    assert together([2]) == [0.5]


def test_no_items_have_no_results() -> None:
    together: Together[int, int] = Together(list)
    assert together([]) == []
