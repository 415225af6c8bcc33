"""What surrounds the work: leases kept, endings told, refusals obeyed."""

import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from models.images import PictureError
from workers.artifacts import FolderStore
from workers.attempts import Attempt
from workers.jobs import Job, Progress, State
from workers.ledger import Ledger
from workers.run import running
from workers.store import Store


def taken(ledger: Ledger, job: Job) -> Attempt:
    ledger.create(job, 9)
    attempt = ledger.take(job.id, "a")
    assert attempt
    return attempt


def test_work_that_ends_well_succeeds(ledger: Ledger, store: FolderStore, art_job: Job) -> None:
    attempt = taken(ledger, art_job)
    with running(attempt, store):
        attempt.succeed({"key": "k"})
    assert ledger.get(art_job.id).state is State.SUCCEEDED


def test_an_error_becomes_a_reason(ledger: Ledger, store: FolderStore, art_job: Job) -> None:
    attempt = taken(ledger, art_job)
    with running(attempt, store):
        raise PictureError("truncated", "The picture is damaged.")
    job = ledger.get(art_job.id)
    assert job.state is State.FAILED
    assert job.error and (job.error.code, job.error.message) == (
        "truncated", "The picture is damaged.",
    )  # fmt: skip


def test_an_unexpected_error_is_logged_whole_and_told_in_general(
    ledger: Ledger, store: FolderStore, art_job: Job, caplog: pytest.LogCaptureFixture
) -> None:
    attempt = taken(ledger, art_job)
    with running(attempt, store):
        raise KeyError("secret detail")
    error = ledger.get(art_job.id).error
    assert error and error.code == "internal" and "secret" not in error.message
    [told] = [record for record in caplog.records if record.exc_info]
    assert told.levelno == logging.ERROR and "secret detail" in caplog.text


def test_a_silent_worker_keeps_its_lease(
    redis: Store, store: FolderStore, art_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.run.HEARTBEAT_SECONDS", 0.1)
    ledger = Ledger(redis, lease_seconds=0.5)
    attempt = taken(ledger, art_job)
    with running(attempt, store):
        marks = set()
        for _ in range(4):
            marks.add(ledger.held()[0].mark)
            time.sleep(0.3)
        assert len(marks) == 4
        attempt.succeed({"key": "k"})
    assert ledger.get(art_job.id).state is State.SUCCEEDED


def test_news_spares_the_heartbeat(
    ledger: Ledger, store: FolderStore, redis: Store, art_job: Job
) -> None:
    attempt = taken(ledger, art_job)
    redis.config_resetstat()
    with running(attempt, store):
        for step in range(10):
            attempt.progress(Progress(step, 10, step / 10))
            time.sleep(0.2)
        attempt.succeed({"key": "k"})
    assert redis.info("commandstats")["cmdstat_evalsha"]["calls"] <= 12


def test_what_an_overtaken_attempt_wrote_goes_but_for_the_preview_that_is_shown(
    ledger: Ledger, store: FolderStore, art_job: Job
) -> None:
    attempt = taken(ledger, art_job)
    preview = f"{attempt.folder}/preview.jpg"
    for key in (preview, f"{attempt.folder}/painting.png"):
        store.write(key, b"of the first attempt")
    with running(attempt, store):
        attempt.progress(Progress(1, 2, 0.5), {"key": preview})
        ledger.reclaim(ledger.held()[0], anyway=True)
        other = ledger.take(art_job.id, "b")
        attempt.succeed({"key": f"{attempt.folder}/painting.png"})
    assert store.below(attempt.folder) == [preview]
    assert other
    other.progress(Progress(1, 2, 0.5), {"key": f"{other.folder}/preview.jpg"})
    with running(attempt, store):
        attempt.renew()
    assert store.below(attempt.folder) == []
    assert store.exists(art_job.inputs["content"])


@pytest.mark.parametrize("end", ["cancel", "take over", "remove"])
def test_a_refused_attempt_leaves_and_changes_nothing(
    ledger: Ledger, store: FolderStore, art_job: Job, end: str
) -> None:
    attempt = taken(ledger, art_job)
    reached = False
    with running(attempt, store):
        if end == "cancel":
            ledger.cancel(art_job.id)
        elif end == "take over":
            ledger.reclaim(ledger.held()[0], anyway=True)
            ledger.take(art_job.id, "b")
        else:
            ledger.delete(art_job.id)
            store.write(f"{attempt.folder}/preview.jpg", b"written a moment too late")
        attempt.progress(Progress(1, 2, 0.5))
        reached = True
    assert not reached
    if end == "remove":
        assert not (store.root / art_job.folder).exists()
    else:
        expected = State.CANCELLED if end == "cancel" else State.RUNNING
        assert ledger.get(art_job.id).state is expected
        assert store.exists(art_job.inputs["content"])


def test_the_heartbeat_hears_of_cancelling_without_a_word_from_the_work(
    ledger: Ledger, store: FolderStore, art_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.run.HEARTBEAT_SECONDS", 0.1)
    attempt = taken(ledger, art_job)
    checks = 0
    with running(attempt, store):
        ledger.cancel(art_job.id)
        for checks in range(100):  # noqa: B007
            attempt.check()
            time.sleep(0.02)
    assert 1 < checks < 40


def test_a_step_that_hears_nothing_is_ended_with_its_process(
    ledger: Ledger, art_job: Job, worker_environ: dict[str, str]
) -> None:
    ledger.create(art_job, 9)
    code = f"""
        import time
        from workers.run import running
        from workers.workshop import workshop
        shop = workshop()
        attempt = shop.ledger.take({art_job.id!r}, "deaf")
        with running(attempt, shop.store):
            print("begun", flush=True)
            time.sleep(60)
    """
    deaf = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=worker_environ,
        stdout=subprocess.PIPE,
    )
    assert deaf.stdout and deaf.stdout.readline() == b"begun\n"
    ledger.cancel(art_job.id)
    asked = time.monotonic()
    assert deaf.wait(10) == -signal.SIGKILL
    assert time.monotonic() - asked < 2
    deaf.stdout.close()


def test_a_store_that_is_away_for_a_while_costs_no_painting(
    tmp_path_factory: pytest.TempPathFactory, store: FolderStore, art_job: Job
) -> None:
    """The server is frozen as a machine that is out of breath freezes it, then goes on."""
    from workers.embedded import private_valkey
    from workers.store import connect

    folder = tmp_path_factory.mktemp("away")
    with private_valkey(folder) as url:
        redis = connect(url)
        redis.connection_pool.connection_kwargs["socket_timeout"] = 0.2
        ledger = Ledger(redis, lease_seconds=30)
        attempt = taken(ledger, art_job)
        server = int((folder / "valkey.pid").read_text())
        with running(attempt, store):
            os.kill(server, signal.SIGSTOP)
            try:
                attempt.progress(Progress(1, 2, 0.5))
                subprocess.Popen(["sh", "-c", f"sleep 1; kill -CONT {server}"])
                attempt.succeed({"key": "k"})
            finally:
                os.kill(server, signal.SIGCONT)
        assert ledger.get(art_job.id).state is State.SUCCEEDED
        redis.close()


def test_a_heartbeat_after_the_last_word_takes_nothing_back(
    ledger: Ledger, store: FolderStore, art_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last word is repeated until a replica has it; where it was heard, the lease is over."""
    monkeypatch.setattr("workers.run.HEARTBEAT_SECONDS", 0.1)
    attempt = taken(ledger, art_job)
    key = f"{attempt.folder}/painting.png"
    with running(attempt, store, brief=True):
        store.write(key, lambda file: file.write(b"painted"))
        ledger.redis.copies = 1
        later = threading.Timer(1.2, lambda: setattr(ledger.redis, "copies", 0))
        later.start()
        attempt.succeed({"key": key})
        later.join()
    assert attempt.refused is None
    assert ledger.get(art_job.id).state is State.SUCCEEDED
    assert store.exists(key)
