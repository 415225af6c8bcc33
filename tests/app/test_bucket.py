"""The web under gunicorn and a worker, on disks of their own, with all pictures in a bucket."""

import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.s3 import Faulty, environ
from workers.artifacts import open_store
from workers.ledger import Ledger
from workers.processes import worker_command
from workers.settings import Bucket, WorkerSettings

pytestmark = pytest.mark.stack
Make = Callable[..., Any]
PATIENCE = 120.0


@pytest.fixture
def wire(s3_address: str) -> Iterator[Faulty]:
    made = Faulty(s3_address)
    yield made
    made.close()


@pytest.fixture
def worker_environ(
    worker_environ: dict[str, str], bucket: Bucket, wire: Faulty, tmp_path: Path
) -> dict[str, str]:
    """That of the web, which reaches the bucket by the wire."""
    return worker_environ | {
        "MERIAN_ARTIFACTS": str(bucket), "MERIAN_DATA": str(tmp_path / "web"),
        **environ(wire.address), "MERIAN_OWNER_MODE": "shared",
    }  # fmt: skip


@pytest.fixture
def worker(
    worker_environ: dict[str, str], s3_address: str, tmp_path: Path
) -> Iterator[psutil.Popen]:
    """On another host, as far as files go."""
    own = {"MERIAN_DATA": str(tmp_path / "worker"), "AWS_ENDPOINT_URL": s3_address}
    with (tmp_path / "worker.log").open("wb") as log:
        process = psutil.Popen(
            worker_command("quick"), env=worker_environ | own | {"MERIAN_DEVICE": "cpu"},
            stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    yield process
    for each in (*process.children(recursive=True), process):
        each.kill()
    process.wait()


@pytest.fixture
def http(server: Any) -> httpx.Client:
    return httpx.Client(base_url=server.address, timeout=60)


def files(jpeg: Make) -> dict[str, tuple[str, bytes]]:
    return {"content": ("p.jpg", jpeg(96, 64)), "style": ("s.jpg", jpeg(64, 64))}


def ended(http: httpx.Client, id: str) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        job: dict[str, Any] = http.get(f"/api/v1/jobs/{id}").json()
        if job["state"] in ("succeeded", "failed", "cancelled"):
            return job
        time.sleep(0.1)
    raise AssertionError(f"it did not end: {job}")


def test_a_painting_and_a_name_by_way_of_the_bucket(
    worker: psutil.Popen, http: httpx.Client, jpeg: Make, bucket: Bucket, tmp_path: Path
) -> None:
    options = {"size": "64", "quality": "draft", "painter": "light"}
    painting = http.post("/api/v1/art", files=files(jpeg), data=options).json()
    naming = http.post("/api/v1/species", files={"image": ("p.jpg", jpeg(96, 64))}).json()
    painted, named = ended(http, painting["id"]), ended(http, naming["id"])
    assert (painted["state"], named["state"]) == ("succeeded", "succeeded"), (painted, named)
    picture = http.get(painted["links"]["result"])
    assert picture.status_code == 200 and picture.content[:4] == b"\x89PNG"
    assert (
        http.get(painted["links"]["result"], headers={"Range": "bytes=0-3"}).content == b"\x89PNG"
    )
    store = open_store(WorkerSettings(data=tmp_path / "third", artifacts=bucket))
    assert f"jobs/{painted['id']}" in store.below("jobs")
    assert http.delete(f"/api/v1/jobs/{painted['id']}").status_code == 204
    assert store.below(f"jobs/{painted['id']}") == []
    assert not (tmp_path / "web" / "artifacts").exists()
    assert not (tmp_path / "worker" / "artifacts").exists()


def test_many_at_once_go_into_the_bucket_and_others_are_answered(
    http: httpx.Client, jpeg: Make, bucket: Bucket, server: Any, tmp_path: Path
) -> None:
    """An asyncio client below gevent: neither may stand still because of the other."""
    waits: list[float] = []

    def submit(number: int) -> dict[str, Any]:
        answer = httpx.post(f"{server.address}/api/v1/art", files=files(jpeg), timeout=60)
        assert answer.status_code == 202, answer.text
        job: dict[str, Any] = answer.json()
        for link in job["links"]["inputs"].values():
            assert httpx.get(server.address + link, timeout=60).content[:2] == b"\xff\xd8"
        return job

    with ThreadPoolExecutor(12) as threads:
        jobs = threads.map(submit, range(24))
        for _ in range(10):
            began = time.monotonic()
            assert http.get("/healthz").status_code == 200
            waits.append(time.monotonic() - began)
            time.sleep(0.05)
        ids = {job["id"] for job in jobs}
    assert len(ids) == 24
    assert sorted(waits)[5] < 2.0
    store = open_store(WorkerSettings(data=tmp_path / "third", artifacts=bucket))
    assert {key.removeprefix("jobs/") for key in store.below("jobs")} == ids
    assert http.get("/readyz").json()["artifacts"] is True


def test_a_bucket_that_is_away_is_told_and_nothing_is_kept(
    http: httpx.Client, jpeg: Make, wire: Faulty, ledger: Ledger
) -> None:
    kept = http.post("/api/v1/art", files=files(jpeg)).json()
    wire.next("reset", times=10_000)
    assert http.get("/readyz").json()["artifacts"] is False
    answer = http.post("/api/v1/art", files=files(jpeg))
    assert (answer.status_code, answer.json()["code"]) == (503, "artifacts_down")
    assert int(answer.headers["Retry-After"]) > 0
    assert [job.id for job in ledger.newest(9)] == [kept["id"]]
    assert http.get(kept["links"]["inputs"]["content"]).status_code == 503
    assert http.get(f"/api/v1/jobs/{kept['id']}").status_code == 200
    assert http.delete(f"/api/v1/jobs/{kept['id']}").status_code == 204  # its files go later
    assert f"jobs/{kept['id']}" in ledger.redis.smembers("merian:left")  # type: ignore[operator]
    wire.faults.clear()
    assert http.get("/readyz").json()["artifacts"] is True
    assert http.post("/api/v1/art", files=files(jpeg)).status_code == 202
