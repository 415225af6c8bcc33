"""More than can be done at once, and slow clients: the site stays there for others."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
from PIL import Image

from commands.connections import PATIENCE
from commands.serving import keepalive
from tests.faults.clients import Slow, set_going
from tests.faults.junk import form, part
from tests.faults.originals import encoded, photograph
from tests.faults.served import Site, percentile, serving

AT_ONCE = 200
SLOW = 50
WAYS = ("head", "body", "read")
SLACK = 20.0  # seconds that a busy machine may be late


def painting(size: int = 600) -> bytes:
    sent = form("", part("content", encoded(photograph(size, size), "JPEG"), "a.jpg"),
                part("style_sample", b"marbled-paper"))  # fmt: skip
    return sent.body


def test_two_hundred_at_once(tmp_path: Path) -> None:
    """Each is taken or told to come again; what was taken is there, what was not left nothing."""
    body, headers = painting(), form("").headers
    together = threading.Barrier(AT_ONCE)
    with serving(tmp_path) as site:

        def send(number: int) -> tuple[int, str]:
            together.wait()
            answer = httpx.post(
                f"{site.address}/api/v1/art", content=body, headers=headers, timeout=200
            )
            assert answer.status_code != 429 or int(answer.headers["Retry-After"]) > 0
            return answer.status_code, answer.json().get("id", "")

        started = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(pool.map(send, range(AT_ONCE)))
        spent = time.monotonic() - started
        statuses = Counter(status for status, _ in answers)
        accepted = {id for status, id in answers if status == 202}
        kept = {job.id for job in site.ledger.newest(1000)}
        folders = {path.name for path in (tmp_path / "artifacts" / "jobs").iterdir()}
        left = [path for path in site.left() if "incoming" in path.parts]
    print(f"uploads at once: {AT_ONCE}, answers {dict(statuses)}, lost {len(accepted - kept)}, "
          f"{spent:.1f} s")  # fmt: skip
    assert set(statuses) <= {202, 429} and statuses[202]
    assert accepted == kept == folders
    assert left == []


def test_slow_clients(tmp_path: Path) -> None:
    """Fifty of each kind; they are ended in time and hold little meanwhile."""
    with serving(tmp_path) as site:
        large = large_answer(site)
        clients = [Slow(site.address, way, large) for way in WAYS for _ in range(SLOW)]
        before = site.resident()
        set_going(clients)
        started, last, waited, held = time.monotonic(), dict.fromkeys(WAYS, 0.0), list[float](), 0
        time.sleep(1)
        while open_ways := still_open(site, clients):
            waited += asked(site, 1.0)
            spent = time.monotonic() - started
            last |= dict.fromkeys(open_ways, spent)
            assert spent < PATIENCE + 2 * SLACK, open_ways
            coming = [path for path in site.left() if "incoming" in path.parts]
            held = max(held, sum(path.stat().st_size for path in coming))
        grown = site.resident() - before
        for client in clients:
            client.over.set()
        left = [path for path in site.left() if "incoming" in path.parts]
    p99 = 1000 * percentile(waited, 0.99)
    print(
        f"slow clients: {SLOW} of each kind, /healthz p99 {p99:.0f} ms of {len(waited)}; the last "
        f"was ended after {', '.join(f'{way} {each:.0f} s' for way, each in last.items())}; web "
        f"grew by {grown / 1e6:.1f} MB, {held / 1e6:.1f} MB on disk"
    )
    assert p99 < 500
    assert 0 < last["head"] < keepalive + SLACK
    assert keepalive < min(last["body"], last["read"])
    assert max(last["body"], last["read"]) < PATIENCE + SLACK
    assert grown < 50_000_000
    assert left == []


def still_open(site: Site, clients: list[Slow]) -> set[str]:
    """The ways of those with which the web still has a connection."""
    ports = {each.raddr.port for each in site.web.net_connections("tcp") if each.raddr}
    return {client.way for client in clients if client.port in ports}


def large_answer(site: Site) -> str:
    """The address of a picture that no buffer of a socket holds."""
    numbers = np.random.default_rng(1)
    noise = Image.fromarray(numbers.integers(0, 255, (2600, 2600, 3), dtype=np.uint8))
    parts = [part("content", encoded(noise, "JPEG", quality=95), "a.jpg")]
    sent = form("/api/v1/art", *parts, part("style_sample", b"marbled-paper"))
    answer = httpx.post(
        site.address + sent.path, content=sent.body, headers=sent.headers, timeout=100
    )
    assert answer.status_code == 202, answer.text
    link = str(answer.json()["links"]["inputs"]["content"])
    assert len(httpx.get(site.address + link).content) > 8_000_000
    return link


def asked(site: Site, seconds: float, path: str = "/healthz") -> list[float]:
    """How long each answer took (s), ten times a second, each on a connection of its own."""
    waited = []
    until, place = time.monotonic() + seconds, urlsplit(site.address).netloc
    while time.monotonic() < until:
        started = time.monotonic()
        web = HTTPConnection(place, timeout=60)
        web.request("GET", path)
        answer = web.getresponse()
        assert answer.read() and answer.status == 200
        web.close()
        waited.append(time.monotonic() - started)
        time.sleep(max(0.0, 0.1 - waited[-1]))
    return waited
