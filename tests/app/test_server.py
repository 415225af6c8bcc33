"""The web as it is served: gunicorn with gevent, many at once, and never large."""

import base64
import json
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.app.conftest import SECRET
from workers.jobs import Progress
from workers.ledger import Ledger
from workers.processes import worker_command

Make = Callable[..., Any]
LARGEST = 130_000_000
"""Bytes resident: it has 108 million, and some 10 more while coverage is measured."""


@pytest.fixture
def http(server: Any) -> httpx.Client:
    return httpx.Client(base_url=server.address, timeout=30)


def files(jpeg: Make, width: int = 96, height: int = 64) -> dict[str, tuple[str, bytes]]:
    return {"content": ("p.jpg", jpeg(width, height)), "style": ("s.jpg", jpeg(64, 64))}


def resident(server: Any) -> int:
    """Bytes of gunicorn's worker; of the decoders that it starts nothing, for they end."""
    (worker,) = psutil.Process(server.process.pid).children()
    return int(worker.memory_info().rss)


def test_it_stays_small(server: Any, http: httpx.Client, jpeg: Make) -> None:
    """A hundred requests, three photographs of 40 megapixels and large nonsense among them."""
    large = files(jpeg, 8000, 5000)
    noise = {"content": ("noise.jpg", b"\xff\xd8\xff" + bytes(31_000_000)), "style": ("s.jpg", b"")}
    for number in range(100):
        if number % 40 == 5:
            answer = http.post("/api/v1/art", files=large)
            assert answer.status_code == 202
            for link in answer.json()["links"]["inputs"].values():
                assert http.get(link).status_code == 200
        elif number % 20 == 10:
            assert http.post("/api/v1/art", files=noise).status_code == 422
        else:
            path = ("/art", "/jobs", "/api/v1/jobs", "/api/v1/openapi.json")[number % 4]
            assert http.get(path).status_code == 200
    print("resident after 100 requests:", resident(server) // 1_000_000, "MB")
    assert resident(server) < LARGEST


def test_others_are_served_while_a_large_picture_is_decoded(
    http: httpx.Client, server: Any, jpeg: Make
) -> None:
    large = files(jpeg, 8000, 5000)
    done = threading.Event()

    def send() -> None:
        httpx.post(f"{server.address}/api/v1/art", files=large, timeout=60)
        done.set()

    thread = threading.Thread(target=send)
    thread.start()
    served = 0
    while not done.wait(0.02):
        assert http.get("/healthz").elapsed.total_seconds() < 0.5
        served += 1
    thread.join()
    assert served >= 5


def test_events_arrive_as_they_happen(http: httpx.Client, jpeg: Make, ledger: Ledger) -> None:
    """Twenty readers at once, and requests between: a stream holds up nobody."""
    job = http.post("/api/v1/art", files=files(jpeg)).json()
    told: queue.Queue[str] = queue.Queue()
    readers = 20

    def read() -> None:
        with http.stream("GET", job["links"]["events"]) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    told.put(json.loads(line[6:])["state"])
            told.put("end")

    threads = [threading.Thread(target=read) for _ in range(readers)]
    for thread in threads:
        thread.start()
    assert [told.get(timeout=10) for _ in range(readers)] == ["queued"] * readers
    assert http.get("/healthz").status_code == 200
    attempt = ledger.take(job["id"], "host/1/2/test")
    assert attempt
    assert [told.get(timeout=10) for _ in range(readers)] == ["running"] * readers
    attempt.progress(Progress(1, 2, 0.5))
    assert [told.get(timeout=10) for _ in range(readers)] == ["running"] * readers
    ledger.cancel(job["id"])
    rest = [told.get(timeout=10) for _ in range(2 * readers)]
    assert sorted(rest) == ["cancelled"] * readers + ["end"] * readers
    for thread in threads:
        thread.join(10)


def test_a_stream_ends_when_its_job_is_removed(http: httpx.Client, jpeg: Make) -> None:
    job = http.post("/api/v1/art", files=files(jpeg)).json()
    with http.stream("GET", job["links"]["events"]) as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry")
        assert http.delete(job["links"]["self"]).status_code == 204
        assert len(list(lines)) < 10


@pytest.mark.parametrize("size", [33_000_000, 70_000_000])
def test_a_sender_of_too_much_hears_why(http: httpx.Client, size: int) -> None:
    answer = http.post("/api/v1/art", files={"content": ("p.jpg", bytes(size))})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_too_much_in_unannounced_pieces(http: httpx.Client) -> None:
    """Without a Content-Length the end is only known when the limit is reached."""

    def pieces() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="content"; filename="p.jpg"\r\n\r\n'
        for _ in range(80):
            yield bytes(1_000_000)

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = http.post("/api/v1/art", content=pieces(), headers=kind)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_lines_of_the_log_are_json(server: Any, http: httpx.Client) -> None:
    http.get("/art", headers={"X-Request-ID": "look-for-me"})
    lines = [line for line in server.log.read_text().splitlines() if "look-for-me" in line]
    assert json.loads(lines[0])["path"] == "/art"


def test_logs_name_request_job_and_attempt_and_no_secret(
    server: Any, http: httpx.Client, jpeg: Make, worker_environ: dict[str, str], tmp_path: Path
) -> None:
    """A real painting from end to end, by a caller who brings all that must not be written down."""
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        worker = subprocess.Popen(worker_command("quick"), env=worker_environ, stderr=output)
    try:
        http.headers["X-Request-ID"] = "ask-of-anna"
        http.cookies.set("other", "sesame-cookie")
        pictures = {
            "content": ("sesame-holiday.jpg", jpeg(96, 64)), "style": ("sesame.jpg", jpeg(64, 64)),
        }  # fmt: skip
        asked = http.post(
            "/api/v1/art?api-key=sesame-query", files=pictures, data={"size": "64", "seed": "1"}
        )
        assert asked.status_code == 202, asked.text
        job = asked.json()
        owner = http.cookies["merian"]
        for _ in range(600):
            if (found := http.get(job["links"]["self"]).json())["state"] == "succeeded":
                break
            time.sleep(0.1)
        assert found["state"] == "succeeded", found
        # What goes wrong is written down too, and no more of it.
        wrong = http.post(
            "/api/v1/art", files={"content": ("sesame.gif", b"sesame-content")},
            headers={"Authorization": "Bearer merian_sesame-key"},
        )  # fmt: skip
        assert wrong.is_client_error
        http.get("/v2/identify/all?api-key=sesame-query")
        assert http.delete(job["links"]["self"]).status_code == 204
    finally:
        worker.terminate()
        worker.wait(30)
    said = [json.loads(line) for line in log.read_text().splitlines() if line[:1] == "{"]
    about = [line for line in said if line.get("job") == job["id"] and "attempt" in line]
    assert about[0]["message"] == "begun"
    assert about[-1]["message"] == "ended"
    assert {(line["attempt"], line["request"]) for line in about} == {(1, "ask-of-anna")}
    web = [json.loads(line) for line in server.log.read_text().splitlines() if line[:1] == "{"]
    (removed,) = [line for line in web if line["logger"] == "merian.audit"]
    assert (removed["removed"]["name"], removed["request"]) == (job["id"], "ask-of-anna")
    for text in (log.read_text(), server.log.read_text(), (tmp_path / "audit.log").read_text()):
        for secret in ("sesame", SECRET, owner, owner_in(owner)):
            assert secret not in text


def owner_in(cookie: str) -> str:
    """The owner's name as the signed cookie holds it."""
    payload = cookie.strip('"').split(".")[0]
    plain = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return str(json.loads(plain)["owner"])
