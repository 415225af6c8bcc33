import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.settings import WebSettings
from workers.ledger import Ledger
from workers.settings import WorkerSettings


def test_every_answer_carries_the_headers(client: FlaskClient) -> None:
    for path in ("/art", "/healthz", "/nowhere", "/api/v1/jobs", "/static/samples/samples.json"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/art", 200), ("GET", "/", 200), ("GET", "/nowhere", 404), ("PUT", "/art", 405),
        ("POST", "/art", 400), ("POST", "/api/v1/art", 415), ("GET", "/api/v1/openapi.json", 200),
        ("GET", "/static/css/merian.css", 200), ("GET", "/static/nothing.css", 404),
        ("GET", "/api/v1/docs/files/css/swagger-ui.css", 200), ("GET", "/healthz", 200),
        ("POST", "/api", 400), ("GET", "/v2/languages", 200), ("GET", "/v2/nowhere", 404),
        ("GET", "/v2/models/nothing/", 404), ("OPTIONS", "/api/v1/art", 200), ("HEAD", "/art", 200),
        ("GET", "/api/v1/jobs?limit=x", 422), ("GET", "/broken", 500),
    ],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_answer_is_without_headers(
    app: Flask, method: str, path: str, status: int, scheme: str
) -> None:
    app.add_url_rule("/broken", view_func=lambda: 1 / 0)
    answer = app.test_client().open(path, method=method, base_url=f"{scheme}://localhost")
    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert ("Strict-Transport-Security" in answer.headers) is (scheme == "https")
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
        assert ("Secure" in cookie) is (scheme == "https")


def test_what_is_kept_as_a_file_cannot_be_taken_for_a_page(
    client: FlaskClient, painted: dict[str, Any], ledger: Ledger
) -> None:
    job = ledger.get(painted["id"])
    attempt = ledger.take(job.id, "a")
    assert attempt
    attempt.succeed(
        {"key": job.inputs["content"], "width": 96, "height": 64, "media_type": "image/jpeg",
         "seconds": 1.0}
    )  # fmt: skip
    answer = client.get(f"/api/v1/jobs/{job.id}/result?download=1")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=merian-")
    for address in ("result?download=1", "result", "inputs/content"):
        answer = client.get(f"/api/v1/jobs/{job.id}/{address}")
        assert answer.mimetype == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_nonce_is_new_for_each_page(client: FlaskClient) -> None:
    policies = [client.get("/api/v1/docs").headers["Content-Security-Policy"] for _ in range(2)]
    nonces = [re.search(r"'nonce-([\w-]{22})'", policy) for policy in policies]
    assert nonces[0] and nonces[1] and nonces[0][1] != nonces[1][1]


def test_the_page_carries_the_nonce_of_its_policy(client: FlaskClient) -> None:
    answer = client.get("/api/v1/docs")
    nonce = re.search(r"'nonce-([\w-]+)'", answer.headers["Content-Security-Policy"])
    assert nonce and f'nonce="{nonce[1]}"' in answer.text


def test_the_cookie_is_out_of_reach_and_secure_over_https(app: Flask) -> None:
    plain, secure = (
        app.test_client().get("/api/v1/jobs", base_url=url).headers["Set-Cookie"]
        for url in ("http://localhost", "https://localhost")
    )
    assert "HttpOnly" in plain and "SameSite=Lax" in plain and "Secure" not in plain
    assert "HttpOnly" in secure and "SameSite=Lax" in secure and "Secure" in secure


def test_a_forged_cookie_is_a_new_owner(
    app: Flask, client: FlaskClient, painted: dict[str, Any]
) -> None:
    real = client.get_cookie("merian")
    assert real
    stranger = app.test_client()
    stranger.set_cookie("merian", real.value[:-3] + "AAA")
    assert stranger.get(painted["links"]["self"]).status_code == 404
    friend = app.test_client()
    friend.set_cookie("merian", real.value)
    assert friend.get(painted["links"]["self"]).status_code == 200


def test_in_shared_mode_all_are_one_owner(
    workers: WorkerSettings, fields: Callable[..., dict[str, Any]]
) -> None:
    app = create_app(WebSettings(secret_key="x", owner_mode="shared"), workers)
    job = app.test_client().post("/api/v1/art", data=fields()).json
    assert app.test_client().get(job["links"]["self"]).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
    ],
)
def test_another_site_may_not_use_the_api(
    client: FlaskClient,
    fields: Callable[..., dict[str, Any]],
    headers: dict[str, str],
    nothing_kept: Callable[[], None],
) -> None:
    answer = client.post("/api/v1/art", data=fields(), headers=headers)
    assert answer.status_code == 403
    assert answer.json["code"] == "cross_site"
    nothing_kept()


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost"}],
)  # fmt: skip
def test_programs_and_our_own_pages_may(
    client: FlaskClient, fields: Callable[..., dict[str, Any]], headers: dict[str, str]
) -> None:
    assert client.post("/api/v1/art", data=fields(), headers=headers).status_code == 202


def test_a_form_without_its_token_is_refused(
    client: FlaskClient, fields: Callable[..., dict[str, Any]], nothing_kept: Callable[[], None]
) -> None:
    answer = client.post("/art", data=fields())
    assert answer.status_code == 400
    assert "form_expired" in answer.text
    nothing_kept()


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:8000", "127.0.0.1:8000", "[::1]:8000", "art.example.org"]
)
def test_trusted_hosts_are_answered(workers: WorkerSettings, host: str) -> None:
    assert trusting(workers).get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example:8000", "notexample.org", "", "a b", "::1"])
@pytest.mark.parametrize("path", ["/art", "/api/v1/jobs", "/healthz", "/nowhere"])
def test_a_name_made_to_point_here_is_refused(
    workers: WorkerSettings, path: str, host: str
) -> None:
    answer = trusting(workers).get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert "unknown_host" in answer.text


def trusting(workers: WorkerSettings) -> FlaskClient:
    hosts = ("127.0.0.1", "localhost", "::1", ".example.org")
    return create_app(WebSettings(secret_key="x", trusted_hosts=hosts), workers).test_client()
