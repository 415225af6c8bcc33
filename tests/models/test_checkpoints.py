"""A work's state as a file: whole, or as if there were none; and when it is due."""

import resource
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from models import checkpoints
from models.checkpoints import Checkpoint, FileCheckpoints, Keeper, State, read_checkpoint

STATE: State = {
    "tuning": {"step": 3, "network": {"weight": torch.arange(6.0).view(2, 3)}},
    "curves": [{"phase": "full", "val_loss": None}], "best": None, "here": (1.5, float("inf")),
}  # fmt: skip
SAVED = Checkpoint("abc", 0.25, 12.5, STATE)


def test_what_was_saved_last_is_loaded(tmp_path: Path) -> None:
    kept = FileCheckpoints(tmp_path / "training" / "flowers.pt")
    assert kept.load("abc") is None
    kept.save(replace(SAVED, fraction=0.1, state={}))
    kept.save(SAVED)
    found = FileCheckpoints(kept.path).load("abc")
    assert found is not None
    weight = found.state["tuning"]["network"].pop("weight")
    assert torch.equal(weight, torch.arange(6.0).view(2, 3))
    state = {**STATE, "tuning": {"step": 3, "network": {}}}
    assert found == replace(SAVED, state=state)
    assert [each.name for each in kept.path.parent.iterdir()] == ["flowers.pt"]
    assert kept.load("another") is None
    kept.remove()
    kept.remove()
    assert kept.load("abc") is None


def test_one_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    kept = FileCheckpoints(tmp_path / "flowers.pt")
    first = replace(SAVED, state={"step": 1})
    kept.save(first)
    with pytest.raises((AttributeError, TypeError)):
        kept.save(replace(SAVED, state={"step": (each for each in ())}))  # cannot be pickled
    assert kept.load("abc") == first
    assert [each.name for each in tmp_path.iterdir()] == ["flowers.pt"]


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Files end at a megabyte, as they do on a disk that is full then."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("shape", [(1, 900_000), (200, 2_000)])
def test_one_that_finds_no_room_is_an_error_of_the_system_and_leaves_the_one_before(
    tmp_path: Path, small_disk: None, shape: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    """In the midst of a large tensor, or between small ones: torch's own errors say neither."""
    kept = FileCheckpoints(tmp_path / "flowers.pt")
    kept.save(replace(SAVED, state={"step": 1}))
    large: State = {"x": [torch.ones(shape[1]) for _ in range(shape[0])]}
    with pytest.raises(OSError):
        kept.save(replace(SAVED, state=large))
    assert kept.load("abc") == replace(SAVED, state={"step": 1})
    assert [each.name for each in tmp_path.iterdir()] == ["flowers.pt"]
    Keeper(kept, 0.02).save(0.5, large)  # and the work goes on
    assert "a checkpoint could not be written" in caplog.text


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "code", "a hole", "other fields"])
def test_a_damaged_one_is_as_none(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "flowers.pt"
    FileCheckpoints(path).save(replace(SAVED, state={"x": torch.ones(9000)}))
    assert read_checkpoint(path) is not None
    whole = path.read_bytes()
    hole = whole[:9000] + bytes(4096) + whole[13096:]  # as a power cut may leave
    path.write_bytes(
        {"cut": whole[:-500], "empty": b"", "text": b"none", "a hole": hole}.get(damage, whole)
    )
    if damage == "code":
        torch.save(vars(replace(SAVED, state={"x": Path("a")})), path)
    if damage == "other fields":
        torch.save({"key": "abc", "step": 3}, path)
    assert read_checkpoint(path) is None


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Slow:
    """Saving takes `cost` seconds; nothing is kept but when it was."""

    def __init__(self, clock: Clock, cost: float, full: bool = False) -> None:
        self.clock, self.cost, self.full = clock, cost, full
        self.when: list[float] = []

    def load(self, key: str) -> Checkpoint | None:
        return None

    def save(self, checkpoint: Checkpoint) -> None:
        self.when.append(self.clock.now)
        self.clock.now += self.cost
        if self.full:
            raise OSError("There is no room.")


def work(keeper: Keeper, clock: Clock, step: float, seconds: float) -> None:
    keeper.load("abc")
    end = clock.now + seconds
    while clock.now < end:
        clock.now += step
        if keeper.due():
            keeper.save(0.5, {})


@pytest.mark.parametrize("step", [0.1, 3.0, 9.0, 25.0])
def test_at_most_ten_seconds_or_a_step_are_lost(step: float) -> None:
    clock = Clock()
    places = Slow(clock, 0.1)
    work(Keeper(places, 0.02, clock), clock, step, 300.0)
    saved = [100.0, *places.when]
    longest = max(later - sooner for sooner, later in pairwise(saved))
    assert longest <= max(10.0, step) + 0.2
    assert len(places.when) >= 300 // max(10.0, step) - 1


@pytest.mark.parametrize("full", [False, True])
def test_what_takes_long_is_seldom_and_a_full_disk_ends_nothing(full: bool) -> None:
    clock = Clock()
    places = Slow(clock, 2.0, full)
    work(Keeper(places, 0.02, clock), clock, 1.0, 1000.0)
    assert 9 <= len(places.when) <= 11
    assert 2.0 * len(places.when) <= 0.025 * (clock.now - 100.0)


def test_seconds_go_on_where_they_were(tmp_path: Path) -> None:
    clock = Clock()
    kept = FileCheckpoints(tmp_path / "a.pt")
    first = Keeper(kept, 0.02, clock)
    first.load("abc")
    clock.now += 30.0
    first.save(0.5, {"step": 1})
    clock.now += 1000.0
    second = Keeper(kept, 0.02, clock)
    clock.now += 5.0  # of getting ready
    assert second.load("abc") == {"step": 1}
    clock.now += 4.0
    assert second.seconds == pytest.approx(34.0)
    assert not second.due()


def test_what_another_program_saved_is_not_gone_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = FileCheckpoints(tmp_path / "a.pt")
    first = Keeper(kept, 0.02)
    first.load("abc")
    first.save(0.5, {"step": 1})
    assert Keeper(kept, 0.02).load("abc") == {"step": 1}
    assert Keeper(kept, 0.02).load("abd") is None
    monkeypatch.setattr(torch, "__version__", "1.0")
    checkpoints.program.cache_clear()
    assert Keeper(kept, 0.02).load("abc") is None
    monkeypatch.undo()
    checkpoints.program.cache_clear()
    assert Keeper(kept, 0.02).load("abc") == {"step": 1}


def test_without_a_place_nothing_is_due() -> None:
    clock = Clock()
    keeper = Keeper(None, 0.02, clock)
    assert keeper.load("abc") is None
    clock.now += 100.0
    assert not keeper.due()
    keeper.save(0.5, {})
