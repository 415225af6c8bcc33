"""What the janitor puts right, on a real ledger, broker and store."""

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from models.checkpoints import Checkpoint
from workers.artifacts import FolderStore
from workers.celery import BROKER_PREFIX
from workers.checkpoints import NOTED, StoredCheckpoints, kept
from workers.holders import Holder, machine
from workers.janitor import Janitor
from workers.jobs import Job, State
from workers.ledger import Ledger
from workers.store import Store
from workers.workshop import Workshop


@pytest.fixture
def janitor(shop: Workshop) -> Janitor:
    return Janitor(shop)


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def waiting(redis: Store) -> int:
    return int(redis.llen(BROKER_PREFIX + "slow"))


def test_the_job_of_a_dead_neighbour_is_given_on_at_once(
    janitor: Janitor, ledger: Ledger, redis: Store, art_job: Job
) -> None:
    ledger.create(art_job, 9)
    ledger.take(art_job.id, str(Holder(machine(), 1, dead_process(), "x")))
    janitor.rescue()
    assert ledger.get(art_job.id).state is State.QUEUED
    assert waiting(redis) == 1
    janitor.rescue()
    assert waiting(redis) == 1


def test_a_living_neighbour_and_a_far_one_keep_their_jobs(
    janitor: Janitor, ledger: Ledger, redis: Store, art_job: Job
) -> None:
    for holder in (Holder.here(), Holder("far", 1, dead_process(), "x")):
        job = ledger.create(Job(owner="ann", options={}, inputs={}), 9)
        ledger.take(job.id, str(holder))
    janitor.rescue()
    assert ledger.counts()["running"] == 2
    assert waiting(redis) == 0


def test_a_silent_worker_far_away_loses_its_job_with_its_lease(
    shop: Workshop, redis: Store, art_job: Job
) -> None:
    short = Ledger(redis, lease_seconds=0.3)
    janitor = Janitor(replace(shop, ledger=short))
    short.create(art_job, 9)
    attempt = short.take(art_job.id, str(Holder("far", 1, 1, "x")))
    assert attempt
    for _ in range(4):
        janitor.rescue()
        time.sleep(0.2)
        attempt.renew()
    redis.zadd("merian:running", {art_job.id: 1.0})  # long over, as a clock that jumped has it
    janitor.rescue()
    assert short.get(art_job.id).state is State.RUNNING
    time.sleep(0.4)
    janitor.rescue()
    assert short.get(art_job.id).state is State.QUEUED
    assert waiting(redis) == 1


def test_a_lost_message_is_sent_again_once(
    janitor: Janitor, ledger: Ledger, redis: Store, art_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.create(art_job, 9)  # and no message
    janitor.remind()
    assert waiting(redis) == 0  # it may be on its way still
    monkeypatch.setattr("workers.janitor.LOST_MESSAGE_SECONDS", 0.1)
    time.sleep(0.2)
    janitor.remind()
    time.sleep(0.2)
    janitor.remind()
    assert waiting(redis) == 1


def test_old_jobs_go_with_their_pictures(
    janitor: Janitor, ledger: Ledger, store: FolderStore, redis: Store, art_job: Job
) -> None:
    ledger.create(art_job, 9)
    ledger.cancel(art_job.id)
    janitor.expire()
    assert store.exists(art_job.inputs["content"])
    redis.zadd("merian:finished", {art_job.id: time.time() - 31 * 24 * 3600})
    janitor.expire()
    assert not (store.root / art_job.folder).exists()
    assert not ledger.knows(art_job.id)


def test_pictures_that_no_job_knows_go_when_they_are_old(
    janitor: Janitor, ledger: Ledger, store: FolderStore, art_job: Job
) -> None:
    ledger.create(art_job, 9)
    for folder in ("jobs/fresh", "jobs/old", art_job.folder):
        store.write(f"{folder}/content.jpg", b"x")
        if folder != "jobs/fresh":
            os.utime(store.root / folder, (1000, 1000))
    janitor.expire()
    assert store.exists("jobs/fresh/content.jpg")
    assert store.exists(art_job.inputs["content"])
    assert not (store.root / "jobs/old").exists()


def test_models_that_were_left_half_way_go_when_they_are_old(
    janitor: Janitor, shop: Workshop
) -> None:
    names = (".model-old", ".removed-old", ".model-new", "models")
    for name in names:
        (shop.settings.data / name / "flowers").mkdir(parents=True)
        if not name.endswith("new"):
            os.utime(shop.settings.data / name, (1000, 1000))
    janitor.expire()
    left = {each.name for each in shop.settings.data.iterdir()} & set(names)
    assert left == {".model-new", "models"}


def test_leaving_gives_back_what_the_children_hold(
    janitor: Janitor, ledger: Ledger, redis: Store, art_job: Job
) -> None:
    other = ledger.create(Job(owner="ann", options={}, inputs={}), 9)
    ledger.create(art_job, 9)
    ledger.take(art_job.id, str(Holder(machine(), os.getpid(), os.getpid(), "x")))
    ledger.take(other.id, str(Holder(machine(), 1, os.getpid(), "x")))
    janitor.start()
    janitor.leave()
    janitor.end()
    janitor.thread.join(10)
    job = ledger.get(art_job.id)
    assert (job.state, job.attempt) == (State.QUEUED, 0)
    assert ledger.get(other.id).state is State.RUNNING
    assert waiting(redis) == 1


def test_a_janitor_outlives_what_it_meets(shop: Workshop, redis: Store) -> None:
    redis.zadd("merian:running", {"no such job": 0})  # nothing that we write, but who knows
    janitor = Janitor(shop)
    janitor.start()
    time.sleep(0.2)
    assert janitor.thread.is_alive()
    janitor.leave()
    janitor.end()
    janitor.thread.join(10)
    assert not janitor.thread.is_alive()


def test_no_checkpoint_outlives_its_job(
    janitor: Janitor, shop: Workshop, ledger: Ledger, store: FolderStore, redis: Store, art_job: Job
) -> None:
    """Cancelled, failed or removed while no worker was there to do it."""
    running, cancelled, removed = (replace(art_job, id=letter * 32) for letter in "abc")
    for job in (running, cancelled, removed):
        ledger.create(job, 9)
        attempt = ledger.take(job.id, str(Holder.here()))
        assert attempt
        StoredCheckpoints(attempt, store).save(Checkpoint("key", 0.5, 10.0, {}))
        store.write(f"jobs/{job.id}/content.jpg", b"picture")
    part = store.root / f"jobs/{cancelled.id}/checkpoints" / ".1-1.pt.abcd.part"
    part.write_bytes(b"by a process that was killed")
    ledger.cancel(cancelled.id)
    ledger.delete(removed.id)
    janitor.look()
    assert kept(store, running.id)
    assert [each.name for each in (store.root / "jobs" / cancelled.id).iterdir()] == ["content.jpg"]
    assert not (store.root / "jobs" / removed.id).exists()
    assert redis.smembers(NOTED) == {running.id}
