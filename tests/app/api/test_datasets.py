"""Data sets over HTTP: handed in on disk, listed, and nothing kept of what was refused."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.settings import WebSettings
from workers.artifacts import FolderStore
from workers.jobs import Job
from workers.ledger import Ledger
from workers.settings import WorkerSettings

Make = Callable[..., Any]


def test_a_job_is_made(
    client: FlaskClient, zipped: Make, ledger: Ledger, store: FolderStore, tmp_path: Path
) -> None:
    sent = zipped()
    data = {"archive": (BytesIO(sent), "flowers.zip"), "title": "Flores ñ"}
    answer = client.post("/api/v1/datasets", data=data)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == answer.json["links"]["self"]
    job = ledger.get(answer.json["id"])
    assert (job.kind, job.queue, job.options) == ("dataset", "slow", {"title": "Flores ñ"})
    assert job.inputs == {"archive": f"jobs/{job.id}/archive.zip"}
    assert store.read(job.inputs["archive"]) == sent
    assert list((tmp_path / "incoming").iterdir()) == []
    assert answer.json["kind"] == "dataset" and answer.json["links"]["inputs"] == {}
    refused = client.get(f"/api/v1/jobs/{job.id}/inputs/archive")
    assert refused.status_code in (404, 422)


def test_the_archive_goes_to_the_disk_and_is_moved(
    app: Flask, client: FlaskClient, zipped: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However large: it is never in memory, nor in the system's folder for temporary files."""
    seen: list[tuple[int, Path]] = []
    move_in = FolderStore.move_in

    def look(self: FolderStore, key: str, file: Path) -> None:
        seen.append((file.stat().st_ino, file))
        move_in(self, key, file)

    monkeypatch.setattr(FolderStore, "move_in", look)
    padding = os.urandom(70_000_000)  # more than other requests may have
    data = padding + zipped()
    answer = client.post("/api/v1/datasets", data={"archive": (BytesIO(data), "large.zip")})
    assert answer.status_code == 202, answer.text
    kept = app.extensions["merian"].store.path(f"jobs/{answer.json['id']}/archive.zip")
    ((inode, file),) = seen
    assert kept.stat().st_ino == inode and kept.stat().st_size == len(data)
    assert file.parent.parent == tmp_path / "incoming"
    assert list((tmp_path / "incoming").iterdir()) == []


def test_other_requests_may_not_be_so_large(client: FlaskClient) -> None:
    large = (BytesIO(bytes(66_000_000)), "large.jpg")
    answer = client.post("/api/v1/species", data={"image": large})
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")


@pytest.fixture
def small(workers: WorkerSettings) -> FlaskClient:
    """Where an archive may have one megabyte."""
    app = create_app(WebSettings(secret_key="x"), replace(workers, max_dataset_mb=1))
    return app.test_client()


@pytest.mark.parametrize("size", [1_100_000, 3_000_000])
def test_an_archive_that_is_too_large(
    small: FlaskClient, zipped: Make, nothing_kept: Make, size: int
) -> None:
    data = bytes(size) + zipped()
    answer = small.post("/api/v1/datasets", data={"archive": (BytesIO(data), "large.zip")})
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")
    assert answer.json["detail"] == "The archive is larger than 1 MB."
    nothing_kept()


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 422, "missing_dataset"),
        ({"archive": ""}, 422, "invalid_option"),
        ({"archive": (b"", "empty.zip")}, 415, "not_an_archive"),
        ({"archive": (b"hello", "a.zip")}, 415, "not_an_archive"),
        ({"image": (b"hello", "a.zip")}, 422, "invalid_option"),
        ({"title": "x" * 101}, 422, "invalid_option"),
        ({"title": "a\nb"}, 422, "invalid_option"),
        ({"name": "x"}, 422, "invalid_option"),
    ],
)
def test_what_cannot_be_asked(
    client: FlaskClient, nothing_kept: Make, fields: dict[str, Any], status: int, code: str
) -> None:
    form = {
        name: value if isinstance(value, str) else (BytesIO(value[0]), value[1])
        for name, value in fields.items()
    }
    answer = client.post("/api/v1/datasets", data=form, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    nothing_kept()


def test_two_archives_are_one_too_many(
    client: FlaskClient, archive: Make, nothing_kept: Make
) -> None:
    answer = client.post("/api/v1/datasets", data={"archive": [archive(), archive()]})
    assert (answer.status_code, answer.json["code"]) == (415, "not_an_archive")
    nothing_kept()


def test_the_same_key_makes_one_job(
    client: FlaskClient, archive: Make, ledger: Ledger, store: FolderStore
) -> None:
    def send(key: str, **classes: int) -> Any:
        form = {"archive": archive(**classes)}
        return client.post("/api/v1/datasets", data=form, headers={"Idempotency-Key": key}).json

    first = send("k")["id"]
    assert send("k")["id"] == first
    assert send("k", rose=3, tulip=3)["code"] == "idempotency_conflict"
    assert [job.id for job in ledger.newest(9)] == [first]
    assert store.below("jobs") == [f"jobs/{first}"]


def test_a_full_queue(
    client: FlaskClient, app: Flask, archive: Make, ledger: Ledger, store: FolderStore
) -> None:
    limit = app.extensions["merian"].workers.queue_limit
    for _ in range(limit):
        ledger.create(Job(owner="x", queue="slow", options={}, inputs={}), limit)
    answer = client.post("/api/v1/datasets", data={"archive": archive()})
    assert (answer.status_code, answer.json["code"]) == (429, "queue_full")
    assert store.below("jobs") == []


def finished(ledger: Ledger, id: str) -> None:
    attempt = ledger.take(id, "a")
    assert attempt
    report = {"title": "Flowers", "photographs": 4, "classes": 2, "counts": {}, "warnings": []}
    attempt.succeed({"report": report, "seconds": 1.5})


def test_data_sets_are_listed_when_they_are_ready(
    client: FlaskClient, stranger: FlaskClient, archive: Make, ledger: Ledger
) -> None:
    id = client.post("/api/v1/datasets", data={"archive": archive()}).json["id"]
    client.post("/api/v1/datasets", data={"archive": archive()})  # waits still
    assert client.get("/api/v1/datasets").json == {"datasets": []}
    finished(ledger, id)
    listed = client.get("/api/v1/datasets").json["datasets"]
    assert listed == [{"name": id, "title": "Flowers", "photographs": 4, "classes": 2}]
    assert stranger.get("/api/v1/datasets").json == {"datasets": []}
    job = client.get(f"/api/v1/jobs/{id}").json
    assert job["result"]["report"]["classes"] == 2
    assert job["links"]["preview"] is None
    assert client.get(job["links"]["result"]).json == job["result"]
    assert client.get(f"/api/v1/jobs/{id}/preview").json["code"] == "no_preview"


def test_folders_on_the_server_are_everyones(
    client: FlaskClient, workers: WorkerSettings, jpeg: Make
) -> None:
    parent = workers.datasets
    for name in ("garden", "bad name", ".hidden", "broken"):
        (parent / name / "rose").mkdir(parents=True)
    for name, count in (("rose", 2), ("tulip", 3)):
        folder = parent / "garden" / name
        folder.mkdir(exist_ok=True)
        for number in range(count):
            (folder / f"{number}.jpg").write_bytes(jpeg())
    (parent / "notes.txt").write_text("no folder")

    def listed() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client.get("/api/v1/datasets").json["datasets"]
        return found

    garden = {"name": "garden", "title": "garden", "photographs": 5, "classes": 2}
    assert listed() == [garden]
    for number in range(2):
        (parent / "garden" / "lily").mkdir(exist_ok=True)
        (parent / "garden" / "lily" / f"{number}.jpg").write_bytes(jpeg())
    assert listed() == [garden | {"photographs": 7, "classes": 3}]
    shutil.rmtree(parent / "garden")
    assert listed() == []
