from collections.abc import Generator

import pytest

from models.steps import outcome, told


def counting(log: list[str]) -> Generator[int, None, str]:
    try:
        yield from (1, 2, 3)
    finally:
        log.append("left")
    return "done"


def test_all_steps_are_shown_and_what_comes_out_is_returned() -> None:
    seen: list[int] = []
    assert outcome(counting([]), seen.append) == "done"
    assert seen == [1, 2, 3]
    assert outcome(counting([])) == "done"


def test_steps_in_other_words() -> None:
    words: list[str] = []
    assert outcome(told(counting([]), lambda step: "x" * step), words.append) == "done"
    assert words == ["x", "xx", "xxx"]


def test_leaving_early_leaves_the_steps() -> None:
    log: list[str] = []
    walk = told(counting(log), str)
    assert next(walk) == "1" and not log
    walk.close()
    assert log == ["left"]

    def refuse(step: int) -> None:
        raise KeyError(step)

    with pytest.raises(KeyError):
        outcome(counting(log), refuse)
    assert log == ["left", "left"]
