"""What becomes of jobs, removals and backups where the bucket is away or refuses."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from workers.artifacts import ArtifactsDown, open_store
from workers.audit import Why
from workers.backup import back_up
from workers.bucket import BucketStore
from workers.janitor import Janitor
from workers.jobs import Job, Progress, State
from workers.ledger import Ledger
from workers.previews import Previews
from workers.removal import LEFT, remove_job, remove_left
from workers.restoring import restore
from workers.run import running
from workers.settings import Bucket, SettingError, WorkerSettings
from workers.store import Store
from workers.workshop import Workshop


@pytest.fixture
def remote(bucket: Bucket, tmp_path: Path) -> BucketStore:
    return BucketStore(bucket, tmp_path / "cache", 1_000_000, patience=10.0)


@pytest.fixture
def away(remote: BucketStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> BucketStore:
    """The same bucket, from where nobody answers."""
    remote.check()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    lost = BucketStore(remote.bucket, tmp_path / "cache", 1_000_000, patience=0.0)
    with pytest.raises(ArtifactsDown):
        lost.check()
    return lost


def made(ledger: Ledger) -> Job:
    return ledger.create(Job(owner="ann", options={"size": 64}, inputs={}), 9)


def test_a_job_waits_again_and_no_attempt_is_counted(ledger: Ledger, away: BucketStore) -> None:
    job = made(ledger)
    for _ in range(4):  # more often than a job may lose its worker
        attempt = ledger.take(job.id, "a")
        assert attempt and attempt.job.attempt == 1
        with running(attempt, away):
            away.path(f"{job.folder}/content.jpg")
        assert ledger.get(job.id).state is State.QUEUED


def test_one_that_refuses_is_why_a_job_failed(ledger: Ledger, remote: BucketStore) -> None:
    nowhere = BucketStore(Bucket("nobody-made-it"), remote.desks, 1_000_000, patience=10.0)
    job = made(ledger)
    attempt = ledger.take(job.id, "a")
    assert attempt
    with running(attempt, nowhere):
        nowhere.path(f"{job.folder}/content.jpg")
    error = ledger.get(job.id).error
    assert error and error.code == "artifacts_refused"


def test_previews_are_left_out_and_cost_nothing(ledger: Ledger, away: BucketStore) -> None:
    attempt = ledger.take(made(ledger).id, "a")
    assert attempt
    previews = Previews(attempt, away, clock=iter(range(10_000)).__next__)  # type: ignore[arg-type]
    began = time.monotonic()
    for step in range(20):
        previews.follow(Progress(step, 20, step / 20), lambda: Image.new("RGB", (64, 64)))
    assert time.monotonic() - began < 2.0
    assert previews.count == 0 and ledger.get(attempt.job.id).progress.step == 19


def test_what_cannot_be_removed_now_is_removed_later(
    ledger: Ledger, remote: BucketStore, away: BucketStore, redis: Store, tmp_path: Path
) -> None:
    job = made(ledger)
    remote.write(f"{job.folder}/content.jpg", b"x")
    remove_job(ledger, away, tmp_path, job, Why.OWNER)
    assert redis.smembers(LEFT) == {job.folder}
    with pytest.raises(ArtifactsDown):
        remove_left(ledger, away)
    settings = WorkerSettings(data=tmp_path, artifacts=remote.bucket)
    Janitor(Workshop(settings, ledger, remote)).look()
    assert not redis.smembers(LEFT) and remote.below("jobs") == []


def test_a_job_that_was_removed_while_the_bucket_is_away_ends(
    ledger: Ledger, away: BucketStore, redis: Store
) -> None:
    attempt = ledger.take(made(ledger).id, "a")
    assert attempt
    with running(attempt, away):
        ledger.delete(attempt.job.id)
        attempt.renew()
    assert redis.smembers(LEFT) == {attempt.job.folder}


def test_a_backup_leaves_a_bucket_out_and_one_of_a_folder_goes_into_none(
    redis: Store, valkey_url: str, bucket: Bucket, tmp_path: Path
) -> None:
    home = WorkerSettings(redis_url=valkey_url, data=tmp_path / "home", artifacts=bucket)
    open_store(home).write("jobs/a/content.jpg", b"x")
    (home.models / "mine").mkdir(parents=True)
    (home.models / "mine" / "card.json").write_text("{}")
    assert back_up(home, tmp_path / "backup").files == 2  # the ledger and the card
    redis.flushdb()
    back = replace(home, data=tmp_path / "back")
    assert restore(back, tmp_path / "backup").files == 2
    folder = WorkerSettings(redis_url=valkey_url, data=tmp_path / "laptop")
    open_store(folder).write("jobs/a/content.jpg", b"x")
    back_up(folder, tmp_path / "other")
    redis.flushdb()
    with pytest.raises(SettingError, match="pictures of a folder"):
        restore(replace(home, data=tmp_path / "again"), tmp_path / "other")
    assert not any((tmp_path / "again").iterdir())


def test_without_its_package_a_sentence_says_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['s3fs'] = None\n"
        "from workers.artifacts import open_store\n"
        "from workers.settings import WorkerSettings\n"
        "open_store(WorkerSettings.from_env({'MERIAN_ARTIFACTS': 's3://pictures'}))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stderr
    last = said.strip().splitlines()[-1]
    assert "SettingError: MERIAN_ARTIFACTS is s3://pictures" in last
    assert "pip install 'merian[s3]'" in last
