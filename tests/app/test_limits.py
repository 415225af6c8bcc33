"""Nobody hands in more than is allowed, by whatever name or number of names."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.settings import WebSettings
from workers.jobs import Job
from workers.keys import SCOPES, Keys
from workers.ledger import Ledger
from workers.settings import WorkerSettings
from workers.store import Store

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def limited(workers: WorkerSettings) -> Callable[..., Flask]:
    def make(**settings: Any) -> Flask:
        return create_app(WebSettings(secret_key="x", **settings), workers)

    return make


def known(app: Flask) -> FlaskClient:
    """A browser that has been here before."""
    client = app.test_client()
    client.get("/api/v1/jobs")
    return client


def sent(client: FlaskClient, count: int = 1, **how: Any) -> list[int]:
    return [
        client.post("/api/v1/art", content_type="multipart/form-data", **how).status_code
        for _ in range(count)
    ]


def test_an_owner_is_limited_and_told_so(limited: Callable[..., Flask]) -> None:
    client = known(limited(rate_submissions=3))
    first = client.post("/api/v1/art", content_type="multipart/form-data")
    assert first.headers["RateLimit-Policy"] == '"jobs";q=3;w=3600'
    assert first.headers["RateLimit"] == '"jobs";r=2;t=1200'
    assert sent(client, 2) == [422, 422]
    refused = client.post("/api/v1/art", content_type="multipart/form-data")
    assert (refused.status_code, refused.json["code"]) == (429, "rate_limited")
    assert 1190 <= int(refused.headers["Retry-After"]) <= 1200
    assert refused.headers["RateLimit"].startswith('"jobs";r=0;')
    assert client.get("/api/v1/jobs").status_code == 200


def test_whoever_throws_the_cookie_away_is_limited_by_address(
    limited: Callable[..., Flask],
) -> None:
    app = limited(rate_submissions=3)
    codes = [code for _ in range(5) for code in sent(app.test_client())]
    assert codes == [422, 422, 422, 429, 429]
    assert sent(known(app)) == [422]  # who has been here before is not shut out
    elsewhere = {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}
    assert sent(app.test_client(), **elsewhere) == [422]


def test_many_owners_at_one_address_share_four_times_as_much(
    limited: Callable[..., Flask],
) -> None:
    app = limited(rate_submissions=2)
    codes = [code for _ in range(6) for code in sent(known(app), 2)]
    assert codes == [422] * 8 + [429] * 4


def test_an_ipv6_household_is_one_address(limited: Callable[..., Flask]) -> None:
    app = limited(rate_submissions=2)

    def at(address: str) -> list[int]:
        return sent(app.test_client(), environ_base={"REMOTE_ADDR": address})

    assert at("2001:db8:1:2::1") + at("2001:db8:1:2:ffff::9") == [422, 422]
    assert at("2001:db8:1:2:abcd::1") == [429]
    assert at("2001:db8:1:3::1") == [422]
    assert at("::ffff:192.0.2.1") + at("192.0.2.1") + at("::ffff:192.0.2.1") == [422, 422, 429]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/art"), ("POST", "/api/v1/species"), ("POST", "/api/v1/datasets"),
        ("POST", "/api/v1/training"), ("POST", "/api"), ("POST", "/v2/identify/all"),
        ("POST", "/v2/models/wildlife/predict/"), ("POST", "/v2/models/new/train/"),
        ("POST", "/art"), ("POST", "/species"), ("POST", "/training"),
        ("POST", "/training/datasets"),
    ],
)  # fmt: skip
def test_every_way_of_handing_in_counts(
    limited: Callable[..., Flask], method: str, path: str
) -> None:
    client = known(limited(rate_submissions=1))
    assert sent(client) == [422]
    refused = client.open(path, method=method, data={"mode": "localfile"})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 3000


def test_nothing_is_read_of_what_is_refused(limited: Callable[..., Flask]) -> None:
    """Sixty megabytes that will not be used need not be received."""

    class Watched(BytesIO):
        read_so_far = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            Watched.read_so_far += len(data)
            return data

    client = known(limited(rate_submissions=1))
    assert sent(client) == [422]
    body = Watched(b"x" * 1_000_000)
    refused = client.post(
        "/api/v1/art", input_stream=body, content_type="multipart/form-data; boundary=x",
        headers={"Content-Length": "1000000"},
    )  # fmt: skip
    assert refused.status_code == 429
    assert Watched.read_so_far == 0


def test_a_key_counts_by_its_owner_alone(limited: Callable[..., Flask], redis: Store) -> None:
    app, keys = limited(rate_submissions=2), Keys.at(redis)
    for name in ("a", "b", "c", "d", "e", "f"):
        _, text = keys.new(name, SCOPES)
        headers = {"Authorization": f"Bearer {text}"}
        assert sent(app.test_client(), 3, headers=headers) == [422, 422, 429]


def test_reads_are_limited_generously(limited: Callable[..., Flask]) -> None:
    client = limited(rate_reads=5).test_client()
    codes = [client.get("/api/v1/jobs").status_code for _ in range(7)]
    assert codes == [200] * 5 + [429] * 2
    assert client.get("/healthz").status_code == 200
    assert client.get("/static/css/merian.css").status_code == 200


def test_wrong_keys_are_limited_and_right_ones_are_not(
    limited: Callable[..., Flask], redis: Store
) -> None:
    app = limited(rate_sign_ins=3, owner_mode="shared")
    _, good = Keys.at(redis).new("good", SCOPES)

    def tried(text: str) -> int:
        headers = {"Authorization": f"Bearer {text}"}
        return app.test_client().get("/api/v1/jobs", headers=headers).status_code

    assert [tried("merian_no") for _ in range(5)] == [401, 401, 401, 429, 429]
    assert tried(good) == 200


def test_on_the_own_machine_nothing_is_limited(limited: Callable[..., Flask], redis: Store) -> None:
    client = limited(owner_mode="shared").test_client()
    assert sent(client, 20) == [422] * 20
    assert redis.keys("merian:limit:*") == []


def test_without_the_store_nothing_is_handed_in_but_pages_answer(tmp_path: Path) -> None:
    workers = WorkerSettings(redis_url=f"unix://{tmp_path}/nothing.sock", data=tmp_path)
    client = create_app(WebSettings(secret_key="x"), workers).test_client()
    refused = client.post("/api/v1/art", content_type="multipart/form-data")
    assert (refused.status_code, refused.json["code"]) == (503, "store_down")
    assert client.get("/art").status_code == 200
    assert client.get("/api/v1/models").status_code == 200


def test_an_owner_with_too_much_waiting_is_told_so(
    limited: Callable[..., Flask], fields: Make, ledger: Ledger, tmp_path: Path
) -> None:
    app = limited(owner_queue_limit=1)
    client = known(app)
    assert client.post("/api/v1/art", data=fields()).status_code == 202
    kept = sorted(tmp_path.rglob("*.jpg"))
    refused = client.post("/api/v1/art", data=fields())
    assert (refused.status_code, refused.json["code"]) == (429, "owner_full")
    assert refused.headers["Retry-After"] == "30"
    assert sorted(tmp_path.rglob("*.jpg")) == kept
    assert known(app).post("/api/v1/art", data=fields()).status_code == 202
    ledger.cancel(client.get("/api/v1/jobs").json["jobs"][0]["id"])
    assert client.post("/api/v1/art", data=fields()).status_code == 202


@pytest.mark.parametrize(("mode", "most"), [("browser", 50), ("private", 50), ("shared", 10**9)])
def test_how_much_may_wait_where_nothing_was_set(mode: str, most: int) -> None:
    assert WebSettings(secret_key="x", owner_mode=mode).most_waiting == most
    assert WebSettings(secret_key="x", owner_mode=mode, owner_queue_limit=0).most_waiting == 10**9
    assert WebSettings(secret_key="x", owner_mode=mode, owner_queue_limit=7).most_waiting == 7


def test_jobs_of_others_do_not_count(
    limited: Callable[..., Flask], fields: Make, ledger: Ledger
) -> None:
    app = limited(owner_queue_limit=1)
    for _ in range(5):
        ledger.create(Job("someone", {}, {}), 100)
    assert known(app).post("/api/v1/art", data=fields()).status_code == 202
