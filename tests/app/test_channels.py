"""Many watch one job: one reader asks for all of them."""

import threading
import time
from collections.abc import Iterator

import pytest

from app import channels
from app.channels import Channel, Channels
from workers.events import BEGINNING, Event, EventLog
from workers.jobs import Job, Progress
from workers.ledger import JobNotFound, Ledger
from workers.store import Store, StoreDown, connect


@pytest.fixture
def many(events: EventLog, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Iterator[Channels]:
    """Quick to notice that nobody watches any more; nothing is left behind."""
    monkeypatch.setattr(channels, "WAIT_MS", 50)
    made = Channels(events, ledger)
    yield made
    deadline = time.monotonic() + 10
    while made.open:
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def job(ledger: Ledger) -> Job:
    options = {"size": 64, "painter": "light"}
    return ledger.create(Job(owner="someone", options=options, inputs={}), limit=10)


def watch(many: Channels, id: str, seen: list[Event], count: int) -> None:
    with many.joined(id) as channel:
        while len(seen) < count:
            seen += channel.after(seen[-1].id if seen else BEGINNING, 5.0)


def test_each_sees_everything_once(
    many: Channels, job: Job, ledger: Ledger, events: EventLog, redis: Store
) -> None:
    """Those that were there from the start, and one that comes when most has happened."""
    steps = channels.KEPT + 20  # more than a channel remembers
    all_seen: list[list[Event]] = [[] for _ in range(9)]
    threads = [
        threading.Thread(target=watch, args=(many, job.id, seen, steps + 2), daemon=True)
        for seen in all_seen
    ]
    for thread in threads[:-1]:
        thread.start()
    attempt = ledger.take(job.id, "host/1/2/test")
    assert attempt
    for step in range(steps):
        attempt.progress(Progress(step, steps, step / steps))
        if step == steps - 2:
            waiting = [each for each in redis.client_list() if "b" in each["flags"]]
            assert len(waiting) <= 1  # in the store, for the next event
            threads[-1].start()
    for thread in threads:
        thread.join(20)
    whole = events.read(job.id)
    assert [seen == whole for seen in all_seen] == [True] * len(all_seen)


def test_who_can_be_given_nothing_waits(events: EventLog, job: Job, ledger: Ledger) -> None:
    """The events of a job that is removed are gone before anyone knows why."""
    channel = Channel(events, job.id)
    ledger.delete(job.id)
    began = time.monotonic()
    assert channel.after(BEGINNING, 0.3) == []
    assert time.monotonic() - began >= 0.3


def test_a_job_that_is_removed(many: Channels, job: Job, ledger: Ledger) -> None:
    with many.joined(job.id) as channel:
        last = channel.after(BEGINNING, 1.0)[-1].id
        ledger.delete(job.id)
        with pytest.raises(JobNotFound):
            channel.after(last, 10.0)


def test_a_store_that_is_away(ledger: Ledger) -> None:
    away = EventLog(connect("redis://127.0.0.1:1"))
    with pytest.raises(StoreDown), Channels(away, ledger).joined("x"):
        pass
