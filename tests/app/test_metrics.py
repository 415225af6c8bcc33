"""`/metrics`: who may read it, what it says, and that it costs the same with many jobs."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app import create_app
from app.settings import WebSettings
from app.tally import STREAMS, Tally, open_streams
from workers.attempts import LeaseLost
from workers.audit import Why
from workers.canaries import GPU_MEMORY
from workers.holders import machine
from workers.jobs import Failure, Job, Progress
from workers.ledger import Ledger
from workers.removal import remove_job
from workers.settings import WorkerSettings
from workers.store import Store


@pytest.fixture
def tally(app: Flask) -> Tally:
    found: Tally = app.extensions["merian.tally"]
    return found


def samples(client: FlaskClient) -> dict[tuple[str, ...], float]:
    """Values by the name of the sample and those of its labels, in the order of their names."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (each.name, *(each.labels[name] for name in sorted(each.labels))): each.value
        for family in text_string_to_metric_families(answer.text)
        for each in family.samples
    }


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("192.0.2.7", {}, 404),
        ("", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 404),
    ],
)
def test_only_this_machine_may_read(
    client: FlaskClient, peer: str, headers: dict[str, str], status: int
) -> None:
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": peer})
    assert answer.status_code == status


def test_jobs_are_counted_as_they_change(
    client: FlaskClient, ledger: Ledger, store: Any, redis: Store, tmp_path: Path
) -> None:
    def taken(kind: str = "art", **options: Any) -> Any:
        job = ledger.create(Job(owner="ann", kind=kind, options=options, inputs={}), 9)
        return ledger.take(job.id, "a")

    good, bad = taken(), taken()
    good.progress(Progress(1, 2, 0.5), {"key": "k", "version": 1})
    good.succeed({})
    good.succeed({})  # said twice, counted once
    bad.fail(Failure("x", "X."))
    lost = taken()
    ledger.reclaim(ledger.held()[0], anyway=True)
    with pytest.raises(LeaseLost):
        lost.succeed({})
    ledger.cancel(lost.job.id)
    remove_job(ledger, store, tmp_path, ledger.get(lost.job.id), Why.EXPIRED)
    ledger.create(Job(owner="ann", options={}, inputs={}), 9)
    redis.hset(GPU_MEMORY, "slow", 4096)
    found = samples(client)
    assert found["merian_jobs_made_total", "art"] == 4
    assert found["merian_jobs_ended_total", "art", "succeeded"] == 1
    assert found["merian_jobs_ended_total", "art", "failed"] == 1
    assert found["merian_jobs_ended_total", "art", "cancelled"] == 1
    assert found["merian_jobs_removed_total", "expired"] == 1
    assert found["merian_attempts_lost_total", "art"] == 1
    assert found["merian_late_writes_total", "art"] == 1
    assert found["merian_previews_total", "art"] == 1
    assert found["merian_job_seconds_count", "art"] == 2
    assert found["merian_job_seconds_bucket", "art", "1.0"] == 2
    assert found["merian_job_seconds_bucket", "art", "+Inf"] == 2
    assert 0 < found["merian_job_seconds_sum", "art"] < 2
    assert found["merian_job_waiting_seconds_count", "slow"] == 3
    assert found["merian_queue_jobs", "slow"] == 1
    assert 0 <= found["merian_queue_age_seconds", "slow"] < 5
    assert found["merian_queue_consumed", "slow"] == 1
    assert found["merian_queue_consumed", "quick"] == 0
    assert found["merian_jobs_running",] == 0
    assert found["merian_store_up",] == 1
    assert found["merian_gpu_memory_bytes", "slow"] == 4096


def test_requests_are_counted_by_route(
    client: FlaskClient, tally: Tally, fields: Callable[..., dict[str, Any]]
) -> None:
    for number in range(3):
        client.get(f"/api/v1/jobs/{number:032x}")
        client.get(f"/nowhere/{number}")
    client.open("/art", method="BREW")
    client.post("/api/v1/art", data=fields(size="7"))
    tally.flush()
    found = samples(client)
    route = "/api/v1/jobs/<id>"
    assert found["merian_http_requests_total", "GET", route, "404"] == 3
    assert found["merian_http_request_seconds_count", "GET", route] == 3
    assert found["merian_http_request_seconds_sum", "GET", route] > 0
    assert found["merian_http_requests_total", "GET", "none", "404"] == 3
    assert found["merian_http_requests_total", "other", "none", "405"] == 1
    assert found["merian_refusals_total", "job_not_found"] == 3
    assert found["merian_refusals_total", "invalid_option"] == 1


def test_several_processes_add_up(redis: Store, workers: WorkerSettings) -> None:
    apps = [create_app(WebSettings(secret_key="x"), workers) for _ in range(2)]
    for app in apps:
        app.test_client().get("/healthz")
        app.extensions["merian.tally"].flush()
    found = samples(apps[0].test_client())
    assert found["merian_http_requests_total", "GET", "/healthz", "200"] == 2


def test_counts_come_to_the_store_by_themselves(
    client: FlaskClient, redis: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.tally.PAUSE_SECONDS", 0.05)
    client.get("/healthz")
    deadline = time.monotonic() + 10
    while ("merian_http_requests_total", "GET", "/healthz", "200") not in samples(client):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_open_streams_are_counted_while_they_are_open(
    client: FlaskClient, tally: Tally, painted: dict[str, Any], redis: Store
) -> None:
    stream = client.get(painted["links"]["events"], buffered=False)
    tally.flush()
    assert samples(client)["merian_event_streams",] == 1
    Tally(redis).flush()  # of another app in this process, which has none
    assert samples(client)["merian_event_streams",] == 1
    stream.close()
    tally.flush()
    assert samples(client)["merian_event_streams",] == 0
    redis.hset(STREAMS, f"{machine()}/{2**22 + 1}", f"7 {time.time():.0f}")  # killed with seven
    redis.hset(STREAMS, "elsewhere/1", f"2 {time.time():.0f}")
    redis.hset(STREAMS, "elsewhere/2", f"5 {time.time() - 9999:.0f}")
    assert open_streams(redis) == 2


def test_what_could_not_be_told_is_told_later(tmp_path: Path, redis: Store) -> None:
    workers = WorkerSettings(redis_url=f"unix://{tmp_path}/nothing.sock", data=tmp_path)
    app = create_app(WebSettings(secret_key="x"), workers)
    app.test_client().get("/healthz")
    tally: Tally = app.extensions["merian.tally"]
    tally.flush()
    tally.redis = redis
    tally.flush()
    assert redis.hget("merian:counted", "requests GET /healthz 200") == "1"


def test_a_store_that_is_away_is_said(tmp_path: Path) -> None:
    workers = WorkerSettings(redis_url=f"unix://{tmp_path}/nothing.sock", data=tmp_path)
    client = create_app(WebSettings(secret_key="x"), workers).test_client()
    assert samples(client) == {("merian_store_up",): 0}


def test_a_look_costs_the_same_with_many_jobs(
    client: FlaskClient, tally: Tally, redis: Store
) -> None:
    def look() -> int:
        redis.config_resetstat()
        assert client.get("/metrics").status_code == 200
        return sum(each["calls"] for each in redis.info("commandstats").values())

    def commands() -> int:
        # Of three: now and then a process tells the store what it has counted meanwhile.
        return min(look() for _ in range(3))

    few = commands()
    pipeline = redis.pipeline()
    for number in range(20_000):
        pipeline.zadd("merian:queue:slow", {f"{number:032x}": number})
        pipeline.zadd("merian:all", {f"{number:017d}:{number:032x}": 0})
    pipeline.execute()
    assert commands() == few
    assert samples(client)["merian_queue_jobs", "slow"] == 20_000


def test_every_metric_is_documented(client: FlaskClient, redis: Store) -> None:
    text = (Path(__file__).parent.parent.parent / "docs" / "operations.md").read_text()
    shown = [
        line.split()[2] for line in client.get("/metrics").text.splitlines() if "# TYPE" in line
    ]
    assert len(shown) == 24
    for name in shown:
        assert f"`{name}`" in text, name
