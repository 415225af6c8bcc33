"""Forms as a browser without scripts sends them: with the token of the page they are on."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Send = Callable[..., TestResponse]


@pytest.fixture
def send(client: FlaskClient) -> Send:
    """Posts a form that was opened at `page`."""

    def post(address: str, page: str = "/art", asked: str = "en", **entries: Any) -> TestResponse:
        headers = {"Accept-Language": asked}
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
        assert token
        return client.post(address, data=entries | {"csrf_token": token[1]}, headers=headers)

    return post


def complaint(page: TestResponse, field: str) -> str:
    """What stands beside the field."""
    found = re.search(rf'data-complaint="{field}"[^>]*>([^<]*)<', page.text)
    assert found, f"{field} has no place for a complaint"
    return found[1]
