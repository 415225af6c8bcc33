"""Progress as a stream: in order, from any id on, bounded."""

import threading
import time

from workers.events import BEGINNING, EventLog
from workers.jobs import Job, Progress
from workers.ledger import Ledger
from workers.store import Store


def started(ledger: Ledger) -> tuple[str, "object"]:
    job = ledger.create(Job(owner="ann", options={}, inputs={}), 9)
    return job.id, ledger.take(job.id, "a")


def test_reading_goes_on_without_gap_or_repetition(ledger: Ledger, events: EventLog) -> None:
    id, attempt = started(ledger)
    for step in range(1, 6):
        attempt.progress(Progress(step, 5, step / 5, "Painting", {"total": 1 / step}))
    everything = events.read(id)
    assert [event.type for event in everything] == ["state", "state"] + 5 * ["progress"]
    assert [event.data["version"] for event in everything] == list(range(1, 8))
    assert everything[-1].data["progress"] == {
        "step": 5, "steps": 5, "fraction": 1.0, "message": "Painting", "losses": {"total": 0.2},
    }  # fmt: skip
    for index, event in enumerate(everything):
        assert events.read(id, event.id) == everything[index + 1 :]


def test_waiting_ends_with_the_event_or_with_the_time(ledger: Ledger, events: EventLog) -> None:
    id, attempt = started(ledger)
    last = events.read(id)[-1].id
    begun = time.monotonic()
    assert events.read(id, last, block_ms=200) == []
    assert 0.15 < time.monotonic() - begun < 2
    threading.Timer(0.2, attempt.progress, [Progress(1, 2, 0.5)]).start()
    [event] = events.read(id, last, block_ms=5000)
    assert event.data["progress"]["fraction"] == 0.5


def test_no_wait_is_longer_than_the_socket_bears(events: EventLog) -> None:
    begun = time.monotonic()
    assert events.read("nothing", BEGINNING, block_ms=60_000) == []
    assert time.monotonic() - begun < 8


def test_a_stream_keeps_its_last_events_only(
    ledger: Ledger, events: EventLog, redis: Store
) -> None:
    id, attempt = started(ledger)
    for step in range(1200):
        attempt.progress(Progress(step, 1200, step / 1200))
    assert 500 <= redis.xlen(f"merian:events:{id}") < 700
    assert events.read(id, BEGINNING)[-1].data["progress"]["step"] >= 900


def test_only_events_tell_the_size_that_is_painted_at(ledger: Ledger, events: EventLog) -> None:
    """A record must be understood by the web of the version before."""
    id, attempt = started(ledger)
    attempt.progress(Progress(1, 5, 0.2, "Painting", {"total": 1.0}, scale=128))
    assert events.read(id)[-1].data["progress"]["scale"] == 128
    record: dict[str, str] = ledger.redis.hgetall(f"merian:job:{id}")  # type: ignore[assignment]
    assert "scale" not in record["progress"]
