"""A worker is silent when its mark stays the same for a lease, as the watcher counts it."""

from workers.ledger import Held
from workers.silence import Silence


class Time:
    """A clock that goes when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def held(mark: str, fence: str = "1") -> Held:
    return Held("job", fence, "far:0/1/2/x", mark)


def watch_every(seconds: float, silence: Silence, clock: Time, marks: list[str]) -> list[bool]:
    said = []
    for mark in marks:
        said.append(bool(silence.watch([held(mark)])))
        clock.now += seconds
    return said


def test_whoever_renews_is_never_silent() -> None:
    clock = Time()
    silence = Silence(30, longest_gap=10, clock=clock)
    assert not any(watch_every(5, silence, clock, [str(number) for number in range(100)]))


def test_whoever_says_nothing_for_a_lease_is_silent() -> None:
    clock = Time()
    silence = Silence(30, longest_gap=10, clock=clock)
    assert watch_every(5, silence, clock, ["a"] * 8) == [False] * 6 + [True] * 2
    assert watch_every(5, silence, clock, ["b"] * 2) == [False] * 2


def test_a_first_look_says_nothing_whatever_the_mark() -> None:
    assert Silence(30, longest_gap=10, clock=Time()).watch([held("0")]) == []


def test_a_watcher_that_did_not_watch_does_not_judge() -> None:
    """It was frozen, or the store was away: an hour between two looks counts as ten seconds."""
    clock = Time()
    silence = Silence(30, longest_gap=10, clock=clock)
    assert watch_every(3600, silence, clock, ["a"] * 3) == [False] * 3
    assert silence.watch([held("a")]) == [held("a")]


def test_another_attempt_begins_from_nothing() -> None:
    clock = Time()
    silence = Silence(30, longest_gap=10, clock=clock)
    watch_every(10, silence, clock, ["a"] * 3)
    assert silence.watch([held("a", fence="2")]) == []


def test_what_is_not_held_any_more_is_forgotten() -> None:
    clock = Time()
    silence = Silence(30, longest_gap=10, clock=clock)
    watch_every(10, silence, clock, ["a"] * 3)
    assert silence.watch([]) == []
    assert silence.watch([held("a")]) == []
