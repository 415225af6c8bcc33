"""Ledger first, then a message; a message that cannot be sent loses nothing."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from workers.celery import BROKER_PREFIX, celery
from workers.jobs import Job, State
from workers.ledger import Ledger, QueueFull
from workers.store import Store
from workers.submit import Submitter


def messages(redis: Store, queue: str) -> list[object]:
    """The arguments of every message that waits in the broker."""
    raw = [json.loads(text) for text in redis.lrange(BROKER_PREFIX + queue, 0, -1)]
    return [json.loads(base64.b64decode(each["body"]))[0] for each in raw]


def test_a_job_is_written_and_a_worker_is_woken(ledger: Ledger, redis: Store, art_job: Job) -> None:
    made = Submitter(ledger, 9).submit(art_job)
    assert ledger.get(art_job.id) == made and made.state is State.QUEUED
    assert messages(redis, "quick") == [[art_job.id]]
    assert messages(redis, "slow") == []


@pytest.mark.parametrize(
    ("painter", "size", "queue"),
    [("light", 256, "quick"), ("light", 320, "slow"), ("classic", 64, "slow")],
)
def test_drafts_do_not_wait_behind_great_works(
    ledger: Ledger, art_job: Job, painter: str, size: int, queue: str
) -> None:
    job = replace(art_job, options={"painter": painter, "size": size})
    assert Submitter(ledger, 9).submit(job).queue == queue


def test_a_naming_is_quick_and_wakes_its_own_task(ledger: Ledger, redis: Store) -> None:
    job = Job(owner="ann", kind="species", options={"model": "wildlife"}, inputs={})
    assert Submitter(ledger, 9).submit(job).queue == "quick"
    (message,) = redis.lrange(BROKER_PREFIX + "quick", 0, -1)
    assert json.loads(message)["headers"]["task"] == "workers.tasks.species.identify"


@pytest.mark.parametrize(
    ("kind", "queue", "task"),
    [("dataset", "slow", "datasets.take_in"), ("training", "training", "training.train")],
)
def test_data_sets_and_trainings_wait_where_they_starve_nobody(
    ledger: Ledger, redis: Store, kind: str, queue: str, task: str
) -> None:
    job = Job(owner="ann", kind=kind, options={"mode": "head"}, inputs={})
    assert Submitter(ledger, 9).submit(job).queue == queue
    (message,) = redis.lrange(BROKER_PREFIX + queue, 0, -1)
    assert json.loads(message)["headers"]["task"] == f"workers.tasks.{task}"
    assert ledger.counts()[queue] == 1


def test_a_repeated_submission_wakes_nobody(ledger: Ledger, redis: Store, art_job: Job) -> None:
    submitter = Submitter(ledger, 9)
    first = submitter.submit(art_job, ("key", "print"))
    again = Job(owner=art_job.owner, options={}, inputs={})
    assert submitter.submit(again, ("key", "print")) == first
    assert len(messages(redis, "quick")) == 1


def test_a_refused_job_sends_no_message(ledger: Ledger, redis: Store, art_job: Job) -> None:
    with pytest.raises(QueueFull):
        Submitter(ledger, 0).submit(art_job)
    assert not redis.keys()


def test_a_broker_that_is_down_does_not_lose_the_job(
    ledger: Ledger, art_job: Job, tmp_path: Path, valkey_url: str
) -> None:
    before = celery.conf.broker_url
    celery.conf.broker_url = f"redis+socket://{tmp_path}/nothing.sock"
    celery.close()
    try:
        assert Submitter(ledger, 9).submit(art_job).state is State.QUEUED
    finally:
        celery.conf.broker_url = before
        celery.close()
