"""Signing in to a private Merian with a key, and being out again."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.settings import WebSettings
from workers.keys import SCOPES, Key, Keys
from workers.settings import WorkerSettings
from workers.store import Store


@pytest.fixture
def app(workers: WorkerSettings) -> Flask:
    return create_app(WebSettings(secret_key="x", owner_mode="private"), workers)


@pytest.fixture
def keys(redis: Store) -> Keys:
    return Keys.at(redis)


@pytest.fixture
def signed_in(client: FlaskClient, keys: Keys) -> Key:
    key, text = keys.new("ann", SCOPES)
    assert enter(client, text).status_code == 303
    return key


def post(client: FlaskClient, address: str, page: str, **entries: Any) -> TestResponse:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token
    return client.post(address, data=entries | {"csrf_token": token[1]})


def enter(client: FlaskClient, text: str, wanted: str = "") -> TestResponse:
    return post(client, "/sign-in", "/sign-in", key=text, next=wanted)


def test_who_opens_a_page_is_led_there_and_back(client: FlaskClient, keys: Keys) -> None:
    led = client.get("/models?q=moth")
    assert led.headers["Location"] == "/sign-in?next=/models?q%3Dmoth"
    page = client.get(led.headers["Location"])
    assert 'value="/models?q=moth"' in page.text
    assert 'type="password"' in page.text and 'autocomplete="current-password"' in page.text
    _, text = keys.new("ann", SCOPES)
    assert enter(client, f" {text}\n", "/models?q=moth").headers["Location"] == "/models?q=moth"
    assert client.get("/models?q=moth").status_code == 200


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_elsewhere(client: FlaskClient, keys: Keys, wanted: str) -> None:
    _, text = keys.new("ann", SCOPES)
    assert enter(client, text, wanted).headers["Location"] == "/"


def test_a_wrong_key_is_said_beside_the_field(client: FlaskClient) -> None:
    refused = enter(client, "merian_nothing", "/jobs")
    assert refused.status_code == 401
    assert "The key is unknown, has expired or was removed." in refused.text
    assert 'value="/jobs"' in refused.text
    assert "merian_nothing" not in refused.text
    assert client.get("/jobs").status_code == 303


def test_wrong_keys_are_limited(workers: WorkerSettings) -> None:
    settings = WebSettings(secret_key="x", owner_mode="private", rate_sign_ins=2)
    client = create_app(settings, workers).test_client()
    assert [enter(client, "x").status_code for _ in range(4)] == [401, 401, 429, 429]


def test_the_cookie_holds_the_id_and_nothing_older(client: FlaskClient, keys: Keys) -> None:
    with client.session_transaction() as session:
        session["owner"] = "someone"
    key, text = keys.new("ann", SCOPES)
    cookie = enter(client, text).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    with client.session_transaction() as session:
        assert session["key"] == key.id and "owner" not in session
        assert text[24:] not in str(dict(session))


def test_the_signed_in_have_their_jobs(
    app: Flask, client: FlaskClient, signed_in: Key, keys: Keys,
    fields: Callable[..., dict[str, Any]],
) -> None:  # fmt: skip
    made = client.post("/api/v1/art", data=fields())
    assert made.status_code == 202
    mine = f"/jobs/{made.json['id']}"
    assert client.get(mine).status_code == 200
    other = app.test_client()
    enter(other, keys.new("bob", SCOPES)[1])
    assert other.get(mine).status_code == 404
    assert other.get("/api/v1/jobs").json["jobs"] == []


def test_a_session_ends_with_its_key(client: FlaskClient, signed_in: Key, keys: Keys) -> None:
    assert client.get("/jobs").status_code == 200
    keys.remove(signed_in.id)
    assert client.get("/jobs").status_code == 303
    assert client.get("/api/v1/jobs").json["code"] == "key_needed"


def test_a_session_has_the_scopes_of_its_key(client: FlaskClient, keys: Keys) -> None:
    enter(client, keys.new("ann", ["identify", "read"])[1])
    assert client.get("/species").status_code == 200
    refused = client.get("/art")
    assert refused.status_code == 403 and "missing_scope" in refused.text


def test_signing_out(client: FlaskClient, signed_in: Key) -> None:
    assert "Sign out" in client.get("/jobs").text
    assert post(client, "/sign-out", "/jobs").headers["Location"] == "/sign-in"
    assert client.get("/jobs").status_code == 303
    assert "Sign out" not in client.get("/sign-in").text


def test_it_takes_a_token_of_its_own_page(client: FlaskClient, keys: Keys) -> None:
    """Else another site could sign its visitors in as itself, and see what they hand in."""
    _, text = keys.new("evil", SCOPES)
    assert client.post("/sign-in", data={"key": text}).status_code == 400
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/sign-in", data={"key": text}, headers=cross).status_code == 403
    assert client.get("/jobs").status_code == 303


@pytest.mark.parametrize("mode", ["browser", "shared"])
def test_elsewhere_there_is_nothing_to_sign_in_to(workers: WorkerSettings, mode: str) -> None:
    client = create_app(WebSettings(secret_key="x", owner_mode=mode), workers).test_client()
    assert client.get("/sign-in").status_code == 404
    assert "Sign out" not in client.get("/art").text
