"""Previews: at once, about once a second, and never more than a twentieth of the time."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from PIL import Image

from workers.artifacts import FolderStore, StoreFull
from workers.events import EventLog
from workers.jobs import Job, Progress
from workers.ledger import Ledger
from workers.previews import Previews


@dataclass
class Clock:
    """Time that passes only when someone says so."""

    now: float = 100.0
    shown: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def render(self, seconds: float, size: tuple[int, int]) -> Image.Image:
        self.shown.append(self.now)
        self.now += seconds
        return Image.new("RGB", size, "teal")


def paint(
    ledger: Ledger, store: FolderStore, job: Job, step: float, render: float, seconds: float,
    size: tuple[int, int] = (640, 480),
) -> tuple[Clock, Previews]:  # fmt: skip
    """Follow a painting whose steps and pictures take so many seconds."""
    ledger.create(job, 9)
    attempt = ledger.take(job.id, "a")
    assert attempt
    clock = Clock()
    previews = Previews(attempt, store, clock)
    while clock.now < 100 + seconds:
        clock.now += step
        previews.follow(Progress(1, 2, 0.5), lambda: clock.render(render, size))
    return clock, previews


def gaps(times: list[float]) -> list[float]:
    return [after - before for before, after in pairwise(times)]


@pytest.mark.parametrize("step", [0.03, 0.15, 0.4, 0.9])
def test_the_first_is_shown_at_once_and_then_one_each_second(
    ledger: Ledger, store: FolderStore, art_job: Job, step: float
) -> None:
    clock, previews = paint(ledger, store, art_job, step, render=0.03, seconds=20)
    assert clock.shown[0] == pytest.approx(100 + step)
    assert max(gaps(clock.shown)) <= 1.0 + 1e-6
    account = previews.account()
    assert account["previews"] == len(clock.shown)
    assert 0 < account["preview_share"] <= 0.05


def test_one_picture_that_was_held_up_does_not_silence_the_next(
    ledger: Ledger, store: FolderStore, art_job: Job
) -> None:
    ledger.create(art_job, 9)
    attempt = ledger.take(art_job.id, "a")
    assert attempt
    clock = Clock()
    previews = Previews(attempt, store, clock)
    for step in range(100):
        clock.now += 0.2
        held_up = 0.5 if len(clock.shown) == 4 else 0.02
        picture = lambda seconds=held_up: clock.render(seconds, (64, 64))  # noqa: E731
        previews.follow(Progress(step, 100, step / 100), picture)
    assert max(gaps(clock.shown)) <= 1.0 + 0.5 + 1e-6


@pytest.mark.parametrize("render", [0.1, 0.5, 2.0])
def test_dear_pictures_are_shown_more_rarely_and_progress_goes_on(
    ledger: Ledger, store: FolderStore, events: EventLog, art_job: Job, render: float
) -> None:
    _, previews = paint(ledger, store, art_job, step=0.5, render=render, seconds=100)
    assert previews.account()["preview_share"] <= 0.06  # the first is a gift
    told = [event for event in events.read(art_job.id) if event.type != "state"]
    assert len(told) > 70


def test_a_preview_is_a_small_jpeg(
    ledger: Ledger, store: FolderStore, events: EventLog, art_job: Job
) -> None:
    paint(ledger, store, art_job, step=0.5, render=0.01, seconds=3, size=(2048, 1024))
    preview = ledger.get(art_job.id).preview
    assert preview and (preview["width"], preview["height"]) == (512, 256)
    with Image.open(store.path(preview["key"])) as picture:
        assert (picture.format, picture.size) == ("JPEG", (512, 256))
        red, green, blue = picture.convert("RGB").getpixel((9, 9))
    assert red < 10 and abs(green - 128) < 10 and abs(blue - 128) < 10  # teal
    versions = [
        event.data["preview"]["version"] for event in events.read(art_job.id)
        if event.type == "preview"
    ]  # fmt: skip
    assert len(versions) > 1 and versions == sorted(set(versions))


def test_where_there_is_no_room_it_is_told_without_a_picture(
    ledger: Ledger, store: FolderStore, art_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*about: object, **more: object) -> None:
        raise StoreFull(28, "There is no room left for pictures.")

    with monkeypatch.context() as patch:
        patch.setattr(FolderStore, "write", full)
        clock, previews = paint(ledger, store, art_job, 0.3, render=0.03, seconds=5)
    job = ledger.get(art_job.id)
    assert job.progress.fraction == 0.5 and job.preview is None
    assert previews.count == 0 and max(gaps(clock.shown)) <= 1.3  # it is tried again
    clock.now += 1.0
    previews.follow(Progress(2, 2, 0.9), lambda: clock.render(0.03, (640, 480)))
    assert ledger.get(art_job.id).preview
