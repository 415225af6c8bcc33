"""Pages of other sites: those in MERIAN_CORS_ORIGINS may use the APIs, and never with a cookie."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.settings import WebSettings
from workers.settings import SettingError, WorkerSettings

Make = Callable[..., Any]
FRIEND = "https://friend.example"
STRANGER = "https://stranger.example"
CROSS = {"Sec-Fetch-Site": "cross-site"}
APIS = ("/api/v1/art", "/api", "/v2/identify/all", "/v2/models/wildlife/predict/")


@pytest.fixture
def open_to(workers: WorkerSettings) -> Callable[..., FlaskClient]:
    """Makes a client of an application that those origins may use."""

    def make(*origins: str) -> FlaskClient:
        settings = WebSettings(secret_key="x", cors_origins=origins)
        return create_app(settings, workers).test_client()

    return make


@pytest.mark.parametrize("path", APIS)
@pytest.mark.parametrize("headers", [CROSS, {"Sec-Fetch-Site": "same-site"}, {"Origin": FRIEND}])
def test_without_the_setting_nobody_elsewhere_may(
    client: FlaskClient, nothing_kept: Make, path: str, headers: dict[str, str]
) -> None:
    answer = client.post(path, headers=headers)
    assert answer.status_code == 403
    assert not any(name.startswith("Access-Control") for name, _ in answer.headers)
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    nothing_kept()


@pytest.mark.parametrize("path", APIS)
@pytest.mark.parametrize(("origins", "allowed"), [((FRIEND,), FRIEND), (("*",), "*")])
def test_a_preflight_is_answered(
    open_to: Make, path: str, origins: tuple[str, ...], allowed: str
) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "prefer"}
    answer = open_to(*origins).options(path, headers={"Origin": FRIEND} | CROSS | asked)
    assert answer.status_code in (200, 204)
    headers = answer.headers
    assert headers["Access-Control-Allow-Origin"] == allowed
    assert "POST" in headers["Access-Control-Allow-Methods"]
    assert headers["Access-Control-Allow-Headers"] == "*, Authorization"
    assert int(headers["Access-Control-Max-Age"]) > 0
    assert "Access-Control-Allow-Credentials" not in headers
    assert ("Origin" in headers.get("Vary", "")) == (allowed != "*")


@pytest.mark.parametrize("path", APIS)
def test_a_friends_page_is_let_through_and_may_read_the_answer(open_to: Make, path: str) -> None:
    answer = open_to(FRIEND, "http://localhost:3000").post(path, headers={"Origin": FRIEND} | CROSS)
    assert answer.status_code in (400, 415, 422)  # for want of pictures
    assert answer.headers["Access-Control-Allow-Origin"] == FRIEND
    assert answer.headers["Access-Control-Expose-Headers"] == "*"
    assert "Origin" in answer.vary
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_friends_page_can_paint(open_to: Make, fields: Make) -> None:
    answer = open_to("*").post("/api/v1/art", data=fields(), headers={"Origin": FRIEND} | CROSS)
    assert answer.status_code == 202
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", APIS)
@pytest.mark.parametrize("origin", [STRANGER, "null", "https://friend.example.evil", f"{FRIEND}:1"])
def test_a_strangers_page_is_refused(
    open_to: Make, nothing_kept: Make, path: str, origin: str
) -> None:
    answer = open_to(FRIEND).post(path, headers={"Origin": origin} | CROSS)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" in answer.vary
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    nothing_kept()


@pytest.mark.parametrize("origins", [(FRIEND,), ("*",)])
def test_a_request_with_a_cookie_is_nobodys_but_ours(
    open_to: Make, fields: Make, origins: tuple[str, ...]
) -> None:
    """A page at another port of this host is the same site: browsers would send the cookie."""
    client = open_to(*origins)
    assert client.post("/api/v1/art", data=fields()).status_code == 202
    assert client.get_cookie("merian")
    same_site = {"Origin": FRIEND, "Sec-Fetch-Site": "same-site"}
    assert client.post("/api/v1/art", data=fields(), headers=same_site).status_code == 403
    ours = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/v1/art", data=fields(), headers=ours).status_code == 202


def test_what_only_reads_is_shown_to_friends_alone(open_to: Make) -> None:
    client = open_to(FRIEND)
    for origin, shown in ((FRIEND, FRIEND), (STRANGER, None)):
        headers = client.get("/v2/models/", headers={"Origin": origin}).headers
        assert headers.get("Access-Control-Allow-Origin") == shown
        assert headers["Vary"] == "Origin"
    assert client.get("/v2/models/").headers["Vary"] == "Origin"


@pytest.mark.parametrize("path", ["/art", "/static/samples/samples.json", "/healthz", "/nowhere"])
def test_pages_stay_closed(open_to: Make, path: str) -> None:
    headers = open_to("*").get(path, headers={"Origin": FRIEND}).headers
    assert "Access-Control-Allow-Origin" not in headers
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_an_answer_without_a_route_can_be_read_too(open_to: Make) -> None:
    answer = open_to("*").get("/v2/nowhere", headers={"Origin": FRIEND})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (404, "*")


def test_the_setting() -> None:
    read = {"MERIAN_SECRET_KEY": "x", "MERIAN_CORS_ORIGINS": f"{FRIEND}, HTTP://LocalHost:3000"}
    assert WebSettings.from_env(read).cors_origins == (FRIEND, "http://localhost:3000")
    assert WebSettings.from_env(read | {"MERIAN_CORS_ORIGINS": "*"}).cors_origins == ("*",)
    assert WebSettings.from_env({"MERIAN_SECRET_KEY": "x"}).cors_origins == ()


@pytest.mark.parametrize(
    "text", ["friend.example", f"{FRIEND}/", f"{FRIEND}/page", "https://*.example", "null"]
)
def test_what_is_no_origin(text: str) -> None:
    with pytest.raises(SettingError, match="MERIAN_CORS_ORIGINS must hold origins"):
        WebSettings.from_env({"MERIAN_SECRET_KEY": "x", "MERIAN_CORS_ORIGINS": text})
