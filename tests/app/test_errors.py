"""Every failure has one shape: a page for people, problem+json for programs."""

import errno
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app, paintings
from app.errors import KINDS, Refusal, page
from app.settings import WebSettings
from workers.artifacts import FolderStore, StoreFull
from workers.settings import WorkerSettings

Make = Callable[..., Any]


def test_a_problem_is_exactly_this(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nowhere")
    assert answer.mimetype == "application/problem+json"
    assert answer.json == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "code": "not_found",
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nowhere", 404, "not_found"),
        ("PUT", "/api/v1/jobs", 405, "method_not_allowed"),
        ("GET", "/api/v1/art", 405, "method_not_allowed"),
        ("POST", "/api/v1/art", 415, "unsupported_media_type"),
        ("TRACE", "/api/v1/jobs", 405, "method_not_allowed"),
    ],
)
def test_what_the_routing_refuses(
    client: FlaskClient, method: str, path: str, status: int, code: str
) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    if status == 405:
        assert answer.headers["Allow"]


def test_people_get_a_page(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "There is nothing at this address." in answer.text


def test_every_failure_says_what_to_do(app: Flask) -> None:
    for code in KINDS:
        with app.test_request_context("/art?size=64"):
            told = page(Refusal(code)).get_data(as_text=True)
        assert 'class="lead advice"></p>' not in told
        repeated = 'href="/art?size=64"' in told
        assert repeated is (KINDS[code].status >= 500 or "data-again" in told)


def test_what_was_sent_is_not_repeated_by_itself(app: Flask) -> None:
    with app.test_request_context("/art", method="POST"):
        told = page(Refusal("rate_limited", retry_after=40)).get_data(as_text=True)
    assert "Try again in 40 seconds." in told
    assert "data-again" not in told and 'href="/art"' not in told.partition("<main")[2]


def test_a_redirect_is_no_error(client: FlaskClient) -> None:
    assert client.get("/training/datasets").status_code in (302, 303, 308)


@pytest.mark.parametrize("path", ["/broken", "/api/broken"])
def test_what_nobody_foresaw_is_logged_and_not_told(
    app: Flask, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    @app.get(path)
    def broken() -> str:
        raise RuntimeError("the password is rosebud")

    app.testing = False
    answer = app.test_client().get(path)
    assert answer.status_code == 500
    assert "internal_error" in answer.text
    assert "rosebud" not in answer.text
    assert "rosebud" in caplog.text


@pytest.fixture
def down(tmp_path: Path) -> FlaskClient:
    """The pages where no store answers."""
    workers = WorkerSettings(redis_url=f"unix://{tmp_path}/nothing.sock", data=tmp_path)
    return create_app(WebSettings(secret_key="x", owner_mode="shared"), workers).test_client()


@pytest.mark.parametrize("path", ["/api/v1/jobs", f"/api/v1/jobs/{'0' * 32}", "/jobs"])
def test_a_store_that_is_down(down: FlaskClient, path: str) -> None:
    answer = down.get(path)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "store_down" in answer.text


def test_nothing_is_stored_while_the_store_is_down(
    down: FlaskClient, fields: Make, tmp_path: Path
) -> None:
    for headers in ({}, {"Idempotency-Key": "k"}):
        answer = down.post("/api/v1/art", data=fields(), headers=headers)
        assert (answer.status_code, answer.json["code"]) == (503, "store_down")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk with room for the first picture of each request only."""
    add = FolderStore.add

    def fail_second(self: FolderStore, key: str, file: Path) -> None:
        if "style" in key:
            raise StoreFull(errno.ENOSPC, "No space left on device")
        add(self, key, file)

    monkeypatch.setattr(FolderStore, "add", fail_second)
    yield


@pytest.mark.usefixtures("full")
def test_a_full_disk(client: FlaskClient, fields: Make, nothing_kept: Make) -> None:
    answer = client.post("/api/v1/art", data=fields())
    assert (answer.status_code, answer.json["code"]) == (507, "store_full")
    nothing_kept()


def test_a_disk_that_is_full_of_uploads(
    client: FlaskClient, fields: Make, nothing_kept: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(paintings, "receive_picture", fail)
    answer = client.post("/api/v1/art", data=fields())
    assert (answer.status_code, answer.json["code"]) == (507, "store_full")
    nothing_kept()


def test_every_kind_can_be_told() -> None:
    for code, kind in KINDS.items():
        refusal = Refusal(code)
        assert kind.status >= 400
        assert refusal.message.endswith(".")
        assert str(refusal) == refusal.message
