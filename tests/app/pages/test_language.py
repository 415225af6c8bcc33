"""Which language a page speaks, and where choosing one leads."""

import pytest
from flask.testing import FlaskClient

from tests.app.pages.conftest import Send


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("es", "es"), ("es-MX,es;q=0.9,en;q=0.5", "es"), ("de,en;q=0.5", "en"), ("fi", "en")],
)
def test_the_browser_asks(client: FlaskClient, asked: str, spoken: str) -> None:
    page = client.get("/art", headers={"Accept-Language": asked})
    assert f'<html lang="{spoken}">' in page.text
    assert "Accept-Language" in page.headers["Vary"]


def test_a_choice_is_kept(send: Send, client: FlaskClient) -> None:
    answer = send("/language", next="/jobs?cursor=1", language="es")
    assert answer.location == "/jobs?cursor=1"
    assert '<html lang="es">' in client.get("/art", headers={"Accept-Language": "en"}).text


def test_an_unknown_language_changes_nothing(send: Send, client: FlaskClient) -> None:
    answer = send("/language", next="/art", language="tlh")
    assert "Set-Cookie" not in answer.headers
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org", "/\\example.org", "javascript:1", ""]
)
def test_nobody_is_led_to_another_site(send: Send, elsewhere: str) -> None:
    assert send("/language", next=elsewhere).location == "/"


def test_errors_speak_too(client: FlaskClient) -> None:
    page = client.get("/no-such-page", headers={"Accept-Language": "es"})
    assert page.status_code == 404
    assert "No hay nada en esta dirección." in page.text
