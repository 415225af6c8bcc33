"""nginx by the configuration of deploy/proxy, in front of the real web."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.faults.served import Site, serving
from tests.faults.stack import free_port
from tests.images.builder import missing
from tests.images.programs import nginx
from workers.jobs import Job, Progress

LARGE = 20_000_000
SLOW_SECONDS = 8.0
EVENTS = 5
BETWEEN = 0.5


@dataclass(frozen=True)
class Front:
    """The pages behind the proxy, and each of both."""

    site: Site
    address: str
    nginx: Path

    def requests(self) -> list[dict[str, Any]]:
        """What the web wrote down."""
        lines = (line for line in self.site.log.read_text().splitlines() if line.startswith("{"))
        return [each for each in map(json.loads, lines) if each.get("logger") == "app.requests"]

    def connections(self) -> set[int]:
        """Those that the web has, by their other ends' ports."""
        own = urlsplit(self.site.address).port
        all_of_it = self.site.web.net_connections("tcp")
        return {each.raddr.port for each in all_of_it if each.laddr.port == own and each.raddr}


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    if "nginx" in missing():
        pytest.fail("There is no nginx: apt-get install nginx.")
    with in_front(tmp_path_factory.mktemp("front")) as made:
        yield made


@contextmanager
def in_front(folder: Path) -> Iterator[Front]:
    port = free_port()
    with ExitStack() as all_of_it:
        (folder / "data").mkdir()
        site = all_of_it.enter_context(
            serving(folder / "data", MERIAN_OWNER_MODE="browser", MERIAN_PROXIES="1")
        )
        written = all_of_it.enter_context(nginx(urlsplit(site.address).netloc, port))
        yield Front(site, f"http://127.0.0.1:{port}", written)


@pytest.fixture(scope="module")
def large_picture(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Noise, which no format makes smaller."""
    path = tmp_path_factory.mktemp("large") / "noise.png"
    side = int((LARGE / 3) ** 0.5)
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path, compress_level=0)
    return path.read_bytes()


def test_a_slow_upload_keeps_nginx_busy_and_not_the_web(front: Front, large_picture: bytes) -> None:
    connected: list[set[int]] = []
    before = front.connections()

    def slowly() -> Iterator[bytes]:
        began = time.monotonic()
        for number, start in enumerate(range(0, len(body), len(body) // 80)):
            yield body[start : start + len(body) // 80]
            connected.append(front.connections() - before)
            time.sleep(max(0.0, began + number * SLOW_SECONDS / 80 - time.monotonic()))

    request = httpx.Request(
        "POST", f"{front.address}/api/v1/art",
        files={"content": large_picture, "style": small()},
        data={"size": "64"},
    )  # fmt: skip
    body = request.read()
    with httpx.Client(timeout=60) as client:
        answer = client.post(
            request.url, content=slowly(),
            headers={
                "Content-Type": request.headers["Content-Type"], "Content-Length": str(len(body)),
            },
        )  # fmt: skip
    assert answer.status_code == 202, answer.text
    (line,) = [each for each in front.requests() if each["path"] == "/api/v1/art"]
    print(f"{len(body) / 1e6:.0f} MB in {SLOW_SECONDS:g} s; the web: {line['milliseconds']} ms")
    cache = front.nginx / "cache"
    # None to the web while the upload went on (the last part may be on its way already).
    assert not set().union(*connected[:-1])
    assert line["milliseconds"] < SLOW_SECONDS * 1000 / 2
    assert not any(path.is_file() for path in cache.rglob("*")), "the buffered upload stayed"


def small() -> bytes:
    return (Path(__file__).parent.parent.parent / "static/samples/style/waves.jpg").read_bytes()


def test_events_arrive_when_they_happen(front: Front) -> None:
    ledger, told = front.site.ledger, {}
    client = httpx.Client(base_url=front.address, timeout=30)
    client.get("/pictures")
    form = {"content": ("a.jpg", small()), "style": ("b.jpg", small())}
    job: Job = ledger.get(client.post("/api/v1/art", files=form).json()["id"])
    attempt = ledger.take(job.id, "here/1/1/x")
    assert attempt is not None

    def tell() -> None:
        for step in range(1, EVENTS + 1):
            time.sleep(BETWEEN)
            told[step] = time.monotonic()
            attempt.progress(Progress(step, EVENTS, step / EVENTS, "told"))
        ledger.cancel(job.id)

    threading.Thread(target=tell).start()
    heard = {}
    with client.stream("GET", f"/api/v1/jobs/{job.id}/events") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("data:") and '"told"' in line:
                step = json.loads(line[5:])["progress"]["step"]
                heard.setdefault(step, time.monotonic())
    late = [heard[step] - told[step] for step in told]
    print(f"events come {1000 * max(late):.0f} ms after they were told, at most")
    assert max(late) < BETWEEN


def test_a_client_is_who_nginx_saw(front: Front) -> None:
    """What it says of itself stands before what nginx adds; one proxy is believed."""
    httpx.get(f"{front.address}/art", headers={"X-Forwarded-For": "203.0.113.7"})
    keys = [str(key) for key in front.site.ledger.redis.scan_iter("*reads:address:*")]
    assert [key.partition("reads:address:")[2] for key in keys] == ["127.0.0.1"]


def test_what_is_too_large_is_refused_at_once(front: Front) -> None:
    head = (
        "POST /api/v1/art HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90000000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", urlsplit(front.address).port or 0), 10) as peer:
        peer.sendall(head.encode())
        answer = b""
        while part := peer.recv(10_000):
            answer += part
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "too_large"


def test_slightly_too_large_is_the_webs_to_refuse(front: Front) -> None:
    answer = httpx.post(
        f"{front.address}/api/v1/art", files={"content": bytes(65_500_000)}, timeout=60
    )
    assert answer.status_code == 413
    assert answer.json()["detail"]


def test_archives_go_through_as_they_come(front: Front) -> None:
    """More than pictures may have; nothing of it is written by nginx."""
    cache = front.nginx / "cache"
    most = 0

    def parts() -> Iterator[bytes]:
        nonlocal most
        yield b'--x\r\nContent-Disposition: form-data; name="archive"; filename="a.zip"\r\n\r\n'
        for _ in range(90):
            yield bytes(1_000_000)
            kept = (path.stat().st_size for path in cache.rglob("*") if path.is_file())
            most = max(most, sum(kept))
        yield b"\r\n--x--\r\n"

    size = sum(map(len, parts()))
    answer = httpx.post(
        f"{front.address}/api/v1/datasets", content=parts(), timeout=60,
        headers={
            "Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(size),
        },
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (415, "not_an_archive")
    assert most == 0
