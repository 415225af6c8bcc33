"""Whose word is taken for where a request comes from."""

from typing import Any

import pytest

from app import create_app
from app.address import client_address, network_of
from app.settings import WebSettings
from workers.settings import WorkerSettings

SAID = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9, 10.0.0.2", "X-Forwarded-Proto": "https"}


@pytest.mark.parametrize(
    ("proxies", "address", "secure"),
    [(0, "10.0.0.1", False), (1, "10.0.0.2", True), (2, "203.0.113.9", True)],
)
def test_so_many_proxies_are_believed(
    workers: WorkerSettings, proxies: int, address: str, secure: bool
) -> None:
    app = create_app(WebSettings(secret_key="x", proxies=proxies), workers)
    seen: list[Any] = []
    app.after_request(lambda answer: seen.append(client_address()) or answer)
    answer = app.test_client().get(
        "/api/v1/jobs", headers=SAID, environ_base={"REMOTE_ADDR": "10.0.0.1"}
    )
    assert seen == [address]
    assert ("Secure" in answer.headers["Set-Cookie"]) is secure
    assert ("Strict-Transport-Security" in answer.headers) is secure


def test_a_host_name_is_never_taken_from_a_proxy(workers: WorkerSettings) -> None:
    settings = WebSettings(secret_key="x", proxies=1, trusted_hosts=("localhost",))
    headers = {"Host": "evil.example", "X-Forwarded-Host": "localhost"}
    refused = create_app(settings, workers).test_client().get("/art", headers=headers)
    assert refused.status_code == 400


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", "local"),
        ("unknown", "local"),
        ("192.0.2.1\r\nX: y", "local"),
    ],
)
def test_ipv6_counts_by_the_household(text: str, network: str) -> None:
    assert network_of(text) == network
