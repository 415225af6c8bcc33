"""Alive, and ready: each thing that can be missing is named."""

from dataclasses import replace
from pathlib import Path

from flask.testing import FlaskClient

from app import create_app
from app.settings import WebSettings
from workers.canaries import HEARD, came_through
from workers.fleet import MEMBERS, Member, announce
from workers.formats import FORMAT
from workers.jobs import Job, Progress
from workers.ledger import Ledger
from workers.settings import WorkerSettings
from workers.store import Store

NOBODY = {"there": 0, "going": 0, "too_old": 0}


def lonely(data: Path) -> FlaskClient:
    workers = WorkerSettings(redis_url=f"unix://{data}/nothing.sock", data=data)
    return create_app(WebSettings(secret_key="x"), workers).test_client()


def test_alive_without_anything_else(tmp_path: Path) -> None:
    answer = lonely(tmp_path).get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"alive": True})


def test_ready_when_all_is_there(client: FlaskClient, redis: Store) -> None:
    queues = {"quick": False, "slow": False, "training": False}
    whole = {"store": True, "artifacts": True, "workers": NOBODY}
    for queue, ready in (("training", False), ("slow", False), ("quick", True)):
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json == whole | {"worker": False, "queues": queues}
        came_through(redis, queue)
        queues[queue] = True
        answer = client.get("/readyz")
        assert answer.status_code == (200 if ready else 503)
        assert answer.json == whole | {"worker": ready, "queues": queues}


def test_trainings_can_wait(client: FlaskClient, redis: Store) -> None:
    for queue in ("quick", "slow"):
        came_through(redis, queue)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json and answer.json["queues"]["training"] is False


def test_a_worker_that_fell_silent_is_missing(client: FlaskClient, redis: Store) -> None:
    for queue in ("quick", "slow"):
        came_through(redis, queue)
    heard = float(redis.hget(HEARD, "slow") or 0)
    redis.hset(HEARD, "slow", f"{heard - 60:.6f}")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json and answer.json["queues"] == {
        "quick": True,
        "slow": False,
        "training": False,
    }


def test_a_worker_that_is_busy_is_there(client: FlaskClient, redis: Store, ledger: Ledger) -> None:
    """It takes no canary for as long as it paints."""
    came_through(redis, "quick")
    ledger.create(job := Job(owner="ann", options={}, inputs={}), 9)
    attempt = ledger.take(job.id, "a")
    assert attempt and client.get("/readyz").status_code == 200
    for tell in (attempt.renew, lambda: attempt.progress(Progress()), lambda: attempt.succeed({})):
        redis.hdel(HEARD, "slow")
        assert client.get("/readyz").status_code == 503
        tell()
        assert client.get("/readyz").status_code == 200


def test_not_ready_without_a_store(tmp_path: Path) -> None:
    (tmp_path / "artifacts").write_text("a file where a folder should be")
    answer = lonely(tmp_path).get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "store": False, "artifacts": False, "worker": False,
        "queues": {"quick": False, "slow": False, "training": False}, "workers": NOBODY,
    }  # fmt: skip


def test_workers_that_leave_or_are_too_old_are_no_workers(
    client: FlaskClient, redis: Store, ledger: Ledger
) -> None:
    for queue in ("quick", "slow"):
        came_through(redis, queue)
    usual = Member.here(["quick", "slow"])
    going, old = replace(usual, name="b", going=True), replace(usual, name="c", format=FORMAT - 1)
    for there in ([], [usual], [usual, going], [usual, going, old], [going, old]):
        redis.delete(MEMBERS)
        for each in there:
            announce(ledger, each)
        answer = client.get("/readyz")
        ready = not there or usual in there
        assert answer.status_code == (200 if ready else 503)
        assert answer.json and answer.json["workers"] == {
            "there": len(there), "going": there.count(going), "too_old": there.count(old),
        }  # fmt: skip
