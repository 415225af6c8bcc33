"""What a key is to a request: its owner, its scopes, and instead of any cookie."""

import logging
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.keys import key_allows, needs
from app.settings import WebSettings
from workers.jobs import Job
from workers.keys import SCOPES, Keys
from workers.ledger import Ledger
from workers.settings import WorkerSettings
from workers.store import Store

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def keys(redis: Store) -> Keys:
    return Keys.at(redis)


@pytest.fixture
def private(workers: WorkerSettings) -> Flask:
    return create_app(WebSettings(secret_key="x", owner_mode="private"), workers)


def bearer(text: str, how: str = "Bearer ") -> dict[str, str]:
    return {"Authorization": how + text}


@pytest.mark.parametrize("how", ["Bearer ", "bearer ", "BEARER  "])
def test_a_key_has_jobs_of_its_own(
    app: Flask, client: FlaskClient, keys: Keys, fields: Make, how: str
) -> None:
    client.get("/api/v1/jobs")  # the browser has a cookie, which counts for nothing here
    key, text = keys.new("bot", SCOPES)
    made = client.post("/api/v1/art", data=fields(), headers=bearer(text, how))
    assert made.status_code == 202
    assert "Set-Cookie" not in made.headers
    mine = made.json["links"]["self"]
    assert client.get(mine).status_code == 404
    assert client.get(mine, headers=bearer(text)).status_code == 200
    assert app.test_client().get(mine, headers=bearer(text)).status_code == 200
    assert app.extensions["merian"].ledger.get(made.json["id"]).owner == key.owner


def test_a_key_may_be_for_another_owner(
    app: Flask, client: FlaskClient, keys: Keys, painted: dict[str, Any]
) -> None:
    with client.session_transaction() as session:
        owner = str(session["owner"])
    _, text = keys.new("my phone", ["read"], owner=owner)
    mine = painted["links"]["self"]
    assert app.test_client().get(mine, headers=bearer(text)).status_code == 200
    gone = app.test_client().delete(mine, headers=bearer(text))
    assert (gone.status_code, gone.json["code"]) == (403, "missing_scope")


def test_in_shared_mode_a_key_shares_too(workers: WorkerSettings, keys: Keys, fields: Make) -> None:
    client = create_app(WebSettings(secret_key="x", owner_mode="shared"), workers).test_client()
    _, text = keys.new("bot", ["paint"])
    made = client.post("/api/v1/art", data=fields(), headers=bearer(text))
    assert client.get(made.json["links"]["self"]).status_code == 200
    refused = client.get(made.json["links"]["self"], headers=bearer(text))
    assert refused.json["code"] == "missing_scope"


def test_a_page_of_another_site_may_use_a_key_that_it_was_given(
    client: FlaskClient, keys: Keys, fields: Make
) -> None:
    _, text = keys.new("bot", ["paint"])
    headers = bearer(text) | {"Sec-Fetch-Site": "cross-site", "Origin": "https://friend.example"}
    assert client.post("/api/v1/art", data=fields(), headers=headers).status_code == 202


def test_another_way_of_signing_in_is_not_ours(client: FlaskClient) -> None:
    """A proxy in front may ask for a password of its own."""
    headers = {"Authorization": "Basic bWU6c2VjcmV0"}
    assert client.get("/api/v1/jobs", headers=headers).status_code == 200


def test_plantnets_clients_send_it_in_the_address(
    private: Flask, client: FlaskClient, keys: Keys
) -> None:
    _, text = keys.new("app", ["identify", "read"])
    address = "/v2/species?pageSize=1&page=1&api-key="
    there = private.test_client()
    assert there.get(address + text).status_code == 200
    assert there.get(address + "2b10theirs").status_code == 401
    assert there.get(address + text[:-2] + "zz").json["statusCode"] == 401
    assert there.get(f"/api/v1/jobs?api-key={text}").status_code == 401  # nowhere else
    assert client.get(address + "2b10theirs").status_code == 200  # ignored, as ever


def test_a_facade_counts_for_the_keys_owner(
    private: Flask, keys: Keys, jpeg: Callable[..., bytes], ledger: Ledger
) -> None:
    key, text = keys.new("app", ["identify"])
    for _ in range(50):
        ledger.create(Job(key.owner, {}, {}), 100)
    sent = {"images": (BytesIO(jpeg()), "a.jpg")}
    refused = private.test_client().post(f"/v2/identify/all?api-key={text}", data=sent)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "30"


def test_no_key_is_in_the_log(private: Flask, keys: Keys, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    _, text = keys.new("app", ["read"])
    client = private.test_client()
    client.get(f"/v2/languages?api-key={text}")
    client.get("/api/v1/jobs", headers=bearer(text))
    client.get("/api/v1/jobs", headers=bearer(text + "0"))
    told = "".join(str(record.__dict__) for record in caplog.records)
    assert "/v2/languages" in told
    assert text[24:] not in told


def test_a_store_that_is_down_lets_nobody_in(tmp_path: Any) -> None:
    workers = WorkerSettings(redis_url=f"unix://{tmp_path}/nothing.sock", data=tmp_path)
    app = create_app(WebSettings(secret_key="x", owner_mode="private"), workers)
    text = f"merian_{'0' * 16}_{'0' * 64}"
    refused = app.test_client().get("/api/v1/models", headers=bearer(text))
    assert (refused.status_code, refused.json["code"]) == (503, "store_down")
    assert app.test_client().get("/api/v1/models").status_code == 401
    assert app.test_client().get("/healthz").status_code == 200


def test_whether_a_key_allows_something_can_be_asked(app: Flask, keys: Keys) -> None:
    _, text = keys.new("prometheus", ["metrics"])
    for headers, allowed in ((bearer(text), True), ({}, False)):
        with app.test_request_context("/healthz", headers=headers):
            assert key_allows("metrics") is allowed
            assert key_allows("read") is False


def test_a_preflight_needs_no_key(workers: WorkerSettings) -> None:
    friend = "https://friend.example"
    settings = WebSettings(secret_key="x", owner_mode="private", cors_origins=(friend,))
    client = create_app(settings, workers).test_client()
    headers = {"Origin": friend, "Access-Control-Request-Headers": "authorization"}
    answer = client.options("/api/v1/art", headers=headers)
    assert answer.status_code == 200
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


def test_a_scope_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="no scope everything"):
        needs("everything")
