"""After a removal nothing of the job is anywhere but its line in the audit file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.training.options import TrainOptions
from workers import corrections
from workers.artifacts import FolderStore
from workers.attempts import Attempt, JobGone
from workers.audit import FILE, Why
from workers.celery import BROKER_PREFIX
from workers.corrections import Correction
from workers.holders import Holder
from workers.jobs import Job, Progress
from workers.ledger import Ledger
from workers.removal import remove_job
from workers.run import running
from workers.store import Store
from workers.submit import Submitter

OPTIONS: dict[str, dict[str, Any]] = {
    "art": {"painter": "light", "size": 64},
    "species": {"model": "wildlife", "boxes": False},
    "dataset": {"title": "Flowers"},
    "training": TrainOptions(name="flowers").as_dict() | {"dataset": "flowers17"},
}
FILES = {
    "art": ("content.jpg", "style-0.jpg", "checkpoint.pt", "1/preview.jpg", "1/painting.png"),
    "species": ("image-0.jpg", "1/heatmap-image-0.png"),
    "dataset": ("archive.zip", "dataset/rose/0.jpg", "dataset/split.csv"),
    "training": ("archive.zip", "dataset/rose/0.jpg", "checkpoint.pt", "1/checkpoint.pt"),
}


def submitted(ledger: Ledger, store: FolderStore, kind: str) -> Job:
    """Handed in with an idempotency key, its message waiting, its files there."""
    empty = Job(owner="ann", kind=kind, options=OPTIONS[kind], inputs={})
    names = FILES[kind]
    inputs = {name.split(".")[0]: f"{empty.folder}/{name}" for name in names if "/" not in name}
    for name in names:
        store.write(f"{empty.folder}/{name}", b"x")
    job = Job(owner="ann", kind=kind, options=OPTIONS[kind], inputs=inputs, id=empty.id)
    return Submitter(ledger, 9).submit(job, ("again", "fingerprint"))


def taken(ledger: Ledger, job: Job) -> Attempt:
    attempt = ledger.take(job.id, str(Holder.here()))
    assert attempt
    preview = {"key": f"{attempt.folder}/preview.jpg", "width": 8, "height": 8, "version": 1}
    attempt.progress(Progress(1, 2, 0.5), preview)
    return attempt


def ended(ledger: Ledger, job: Job) -> None:
    taken(ledger, job).succeed({"key": f"{job.folder}/1/painting.png"})


STATES: dict[str, Callable[[Ledger, Job], Any]] = {
    "waiting": lambda ledger, job: None,
    "running": taken,
    "ended": ended,
    "cancelled": lambda ledger, job: ledger.cancel(job.id),
}


def mentions(redis: Store, folder: Path, id: str) -> list[str]:
    """Keys and files that hold the job's id in their name or in what is in them."""
    found = []
    for key in redis.scan_iter():
        kind = redis.type(key)
        if kind == "list":
            said = redis.lrange(key, 0, -1)
        elif kind == "zset":
            said = redis.zrange(key, 0, -1)
        elif kind == "stream":
            said = redis.xrange(key)
        elif kind == "hash":
            said = redis.hgetall(key)
        elif kind == "set":
            said = redis.smembers(key)
        else:
            said = redis.get(key)
        if id in f"{key} {said}":
            found.append(key)
    for path in folder.rglob("*"):
        if id in str(path) or (path.is_file() and id.encode() in path.read_bytes()):
            found.append(str(path))
    return found


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", OPTIONS)
def test_nothing_stays(
    ledger: Ledger, store: FolderStore, redis: Store, tmp_path: Path, kind: str, state: str
) -> None:
    job = submitted(ledger, store, kind)
    other = submitted(ledger, store, kind) if kind == "dataset" else None
    assert not other or other.id == job.id  # the idempotency key is known
    assert redis.llen(BROKER_PREFIX + job.queue) == 1
    STATES[state](ledger, job)
    if kind == "species":
        said = Correction(job.id, "wildlife", "ann", "rose", "Rosa canina", "", True, 1.0)
        corrections.note(store, said, job.inputs)
    before = mentions(redis, tmp_path, job.id)
    assert f"merian:job:{job.id}" in before and f"merian:events:{job.id}" in before
    assert "merian:idempotency:ann:again" in before and BROKER_PREFIX + job.queue in before

    remove_job(ledger, store, tmp_path, ledger.get(job.id), Why.OWNER)

    assert mentions(redis, tmp_path, job.id) == [str(tmp_path / FILE)]
    assert redis.llen(BROKER_PREFIX + job.queue) == 0


def test_a_worker_that_wrote_a_moment_too_late_takes_it_away_again(
    ledger: Ledger, store: FolderStore, redis: Store, tmp_path: Path
) -> None:
    job = submitted(ledger, store, "art")
    attempt = taken(ledger, job)
    with running(attempt, store):
        remove_job(ledger, store, tmp_path, job, Why.OWNER)
        store.write(f"{attempt.folder}/preview.jpg", b"late")
        with pytest.raises(JobGone):
            attempt.progress(Progress(2, 2, 1.0))
        attempt.progress(Progress(2, 2, 1.0))
    assert mentions(redis, tmp_path, job.id) == [str(tmp_path / FILE)]


def test_the_messages_and_keys_of_others_stay(
    ledger: Ledger, store: FolderStore, redis: Store, tmp_path: Path
) -> None:
    job = submitted(ledger, store, "art")
    others = [
        Submitter(ledger, 9).submit(
            Job(owner="bob", options=OPTIONS["art"], inputs={}), (f"key {number}", "x")
        )
        for number in range(2)
    ]
    remove_job(ledger, store, tmp_path, job, Why.OWNER)
    for each in others:
        assert ledger.knows(each.id)
        assert BROKER_PREFIX + each.queue in mentions(redis, tmp_path, each.id)
    assert len(redis.keys("merian:idempotency:bob:*")) == 2


def test_photographs_given_away_outlive_a_job_that_is_merely_old(
    ledger: Ledger, store: FolderStore, tmp_path: Path
) -> None:
    for why, stays in ((Why.EXPIRED, True), (Why.OPERATOR, False), (Why.OWNER, False)):
        job = submitted(ledger, store, "species")
        said = Correction(job.id, "wildlife", "ann", "rose", "Rosa canina", "", True, 1.0)
        corrections.note(store, said, job.inputs)
        remove_job(ledger, store, tmp_path, job, why)
        assert (corrections.find(store, "wildlife", job.id) is not None) is stays


def test_each_removal_is_a_line_that_opens_nothing(
    ledger: Ledger, store: FolderStore, tmp_path: Path
) -> None:
    owner = "0123456789abcdef0123456789abcdef"
    ids = []
    for why in Why:
        job = ledger.create(Job(owner=owner, options=OPTIONS["art"], inputs={}), 9)
        remove_job(ledger, store, tmp_path, job, why)
        ids.append(job.id)
    file = tmp_path / FILE
    assert file.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(each["what"], each["name"], each["why"]) for each in lines] == [
        ("job", id, why.value) for id, why in zip(ids, Why, strict=True)
    ]
    assert len({each["owner"] for each in lines}) == 1 and lines[0]["owner"]
    assert owner not in file.read_text()


def test_who_cannot_write_it_down_still_removes(
    ledger: Ledger, store: FolderStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE).mkdir()  # as a broken disk would, it takes no line
    job = submitted(ledger, store, "art")
    remove_job(ledger, store, tmp_path, job, Why.OWNER)
    assert not ledger.knows(job.id)
    assert "the audit file cannot be written" in caplog.text
