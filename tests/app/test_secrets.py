"""No log holds what only its owner may know, whatever a client sends."""

import json
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.app.conftest import SECRET

HIDDEN = "h1dd3n"


def test_no_secret_and_no_picture_name_is_written(server: Any, jpeg: Callable[..., bytes]) -> None:
    with httpx.Client(base_url=server.address, timeout=30) as http:
        http.get("/art")
        cookie = http.cookies["merian"]
        headers = {
            "X-API-Key": HIDDEN, "Idempotency-Key": HIDDEN,
            "Referer": f"http://elsewhere.test/{HIDDEN}", "X-Request-ID": "known-request",
        }  # fmt: skip
        good, bad = (f"{HIDDEN}-garden.jpg", jpeg()), (f"{HIDDEN}.jpg", b"no picture")
        for content, status in ((good, 202), (bad, 415)):
            files = {"content": content, "style": good}
            answer = http.post(f"/api/v1/art?key={HIDDEN}", files=files, headers=headers)
            assert answer.status_code == status, answer.text
        http.post("/v2/identify/all?api-key=" + HIDDEN, files={"images": bad})
        http.get(f"/nowhere?token={HIDDEN}", headers=headers)
        http.get("/api/v1/jobs", headers=headers | {"Authorization": f"Bearer {HIDDEN}"})
        http.post("/art", data={"csrf_token": HIDDEN}, headers=headers)
    for request in (
        f"GET /healthz?{HIDDEN} HTTP/1.1\r\nHost: x\r\nCookie {HIDDEN}\r\n\r\n",
        f"GET /healthz?{HIDDEN} HTTP/9.9\r\nHost: x\r\n\r\n",
        f"GET /healthz HTTP/1.1\r\nHost: x\r\nAuthorization: {HIDDEN}\x00\r\n\r\n",
        f"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: {HIDDEN}\r\n\r\n",
    ):
        broken(server.address, request)
    time.sleep(0.2)
    log = server.log.read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["logger"] == "app.requests"]
    known = [line["status"] for line in requests if line["request"] == "known-request"]
    assert known == [202, 415, 404, 401, 400]
    for secret in (HIDDEN, SECRET, cookie, "garden"):
        assert secret not in log, [line for line in log.splitlines() if secret in line]


def broken(address: str, request: str) -> None:
    """What no HTTP library would send."""
    place = urlsplit(address)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=10) as wire:
        wire.sendall(request.encode("latin-1"))
        while wire.recv(4096):
            pass
