"""What only a newer worker understands is left to it, untouched; the janitor sends it again."""

from dataclasses import replace

import pytest

from workers.celery import BROKER_PREFIX
from workers.counters import counted
from workers.events import EventLog
from workers.fleet import Member, announce
from workers.formats import FORMAT
from workers.janitor import LOST_MESSAGE_SECONDS, Janitor
from workers.jobs import Job, State
from workers.store import Store
from workers.taking import beyond, take
from workers.workshop import Workshop

NEWER = (
    {"format": FORMAT + 1},
    {"options": {"painter": "light", "size": 64, "brush": 3}},
    {"options": {"painter": "oil", "size": 64}},
    {"kind": "species", "options": {"model": "wildlife", "night": True}, "queue": "quick"},
    {"kind": "training", "options": {"name": "x", "dataset": "y", "mode": "dream"}},
    {"kind": "dataset", "options": {"title": "x", "colour": "red"}},
)


@pytest.mark.parametrize("change", NEWER)
def test_what_is_beyond_us_is_left_as_it_is(
    shop: Workshop, redis: Store, events: EventLog, art_job: Job, change: dict[str, object]
) -> None:
    job = shop.ledger.create(replace(art_job, **change), 9)
    before, told = redis.hgetall(f"merian:job:{job.id}"), len(list(events.read(job.id)))
    assert take(shop, job.id) is None
    assert redis.hgetall(f"merian:job:{job.id}") == before
    assert shop.ledger.position(job) == 0 and len(list(events.read(job.id))) == told
    assert counted(redis)["newer", job.kind] == 1
    assert shop.ledger.waiting(job.queue, job.kind, 9) == ([job.id] if job.format == FORMAT else [])


def test_its_message_goes_to_a_newer_worker_that_is_there(
    shop: Workshop, redis: Store, art_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.taking.ASIDE", 0.0)
    job = shop.ledger.create(replace(art_job, format=FORMAT + 1), 9)
    lying = BROKER_PREFIX + job.queue
    for other in (
        Member((job.queue,), name="as old"),
        Member((job.queue,), name="leaving", format=FORMAT + 1, going=True),
        Member(("training",), name="elsewhere", format=FORMAT + 1),
    ):
        announce(shop.ledger, other)
    assert take(shop, job.id) is None and redis.llen(lying) == 0
    announce(shop.ledger, Member((job.queue,), name="newer", format=FORMAT + 1))
    assert take(shop, job.id) is None and redis.llen(lying) == 1


def test_what_we_write_we_understand(shop: Workshop, art_job: Job) -> None:
    usual = (
        art_job,
        replace(art_job, kind="species", options={"model": "wildlife", "top_k": 5, "boxes": ""}),
        replace(art_job, kind="training", options={"name": "x", "mode": "auto", "dataset": ""}),
        replace(art_job, kind="dataset", options={"title": "My data"}),
    )
    for number, each in enumerate(usual):
        job = shop.ledger.create(replace(each, id=f"{number:032}"), 9)
        assert beyond(job) == ""
        attempt = take(shop, job.id)
        assert attempt and attempt.job.state is State.RUNNING


def test_what_is_over_or_gone_is_not_taken(shop: Workshop, redis: Store, art_job: Job) -> None:
    job = shop.ledger.create(replace(art_job, format=FORMAT + 1), 9)
    shop.ledger.cancel(job.id)
    assert take(shop, job.id) is None and take(shop, "0" * 32) is None
    assert ("newer", "art") not in counted(redis)


def test_its_message_is_sent_again_after_a_while_and_not_at_once(
    shop: Workshop, redis: Store, art_job: Job
) -> None:
    janitor = Janitor(shop, Member.here(["slow"]))
    job = shop.ledger.create(replace(art_job, format=FORMAT + 1), 9)
    assert take(shop, job.id) is None
    janitor.remind()
    assert redis.llen(BROKER_PREFIX + job.queue) == 0
    published = float(redis.hget(f"merian:job:{job.id}", "published_at") or 0)
    redis.hset(f"merian:job:{job.id}", "published_at", published - LOST_MESSAGE_SECONDS - 1)
    janitor.remind()
    janitor.remind()
    assert redis.llen(BROKER_PREFIX + job.queue) == 1
