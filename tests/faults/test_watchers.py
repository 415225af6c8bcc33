"""Two hundred who watch one painting, and a browser for whom there is no stream left."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
from playwright.sync_api import expect, sync_playwright

from tests.e2e.browser import find_browser
from tests.e2e.conftest import ARGUMENTS
from tests.faults.junk import form, part
from tests.faults.served import Site, percentile, serving
from tests.faults.test_overload import asked
from workers.attempts import Attempt
from workers.jobs import Job, Progress

WATCHERS = 200
SECONDS = 20
STEPS_A_SECOND = 2  # a painting tells about one


def handed_in(site: Site) -> Job:
    sent = form(
        "/api/v1/art", part("content_sample", b"coffee"), part("style_sample", b"marbled-paper")
    )
    answer = httpx.post(
        site.address + sent.path, content=sent.body, headers=sent.headers, timeout=60
    )
    assert answer.status_code == 202, answer.text
    return site.ledger.get(answer.json()["id"])


def watching(site: Site, id: str, count: int) -> "subprocess.Popen[str]":
    """In another process, which does not hold up the one that measures."""
    command = [sys.executable, "-m", "tests.faults.watching", site.address, id, str(count)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "ready\n"
    return process


def paint(attempt: Attempt, over: threading.Event) -> None:
    step = 0
    while not over.wait(1 / STEPS_A_SECOND):
        step += 1
        attempt.progress(Progress(step, 1000, step / 1000, "Painting"))


def test_two_hundred_watchers(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        job = handed_in(site)
        alone = asked(site, SECONDS / 4)
        watchers = watching(site, job.id, WATCHERS)
        attempt, over = site.ledger.take(job.id, "host/1/2/test"), threading.Event()
        assert attempt
        painter = threading.Thread(target=paint, args=(attempt, over))
        painter.start()
        time.sleep(3)
        used, readers = sum(site.web.cpu_times()[:2]), blocked(site)
        waited = asked(site, SECONDS / 2) + asked(site, SECONDS / 2, f"/api/v1/jobs/{job.id}")
        used = sum(site.web.cpu_times()[:2]) - used
        over.set()
        painter.join()
        site.ledger.cancel(job.id)
        seen = json.loads(watchers.communicate(timeout=60)[0])
    p99, before = (1000 * percentile(each, 0.99) for each in (waited, alone))
    print(
        f"watchers of one job: {WATCHERS}, p99 of other requests {p99:.0f} ms of {len(waited)}, "
        f"without any {before:.0f} ms, "
        f"{readers} waiting in the store, {used / SECONDS:.2f} of a core"
    )
    assert len(seen) == WATCHERS
    assert all(each == seen[0] and len(each) > SECONDS for each in seen)
    assert readers == 1
    assert p99 < 200


def blocked(site: Site) -> int:
    """Connections that wait in the store for an event."""
    return sum("b" in each["flags"] for each in site.ledger.redis.client_list())


def test_a_page_without_a_stream_asks(tmp_path: Path) -> None:
    """The only stream is another's: the page follows all the same, and takes no harm."""
    with serving(tmp_path, MERIAN_EVENT_STREAMS="1") as site, sync_playwright() as playwright:
        job = handed_in(site)
        other = watching(site, job.id, 1)
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        page = browser.new_page(base_url=site.address, locale="en-GB")
        refused: list[int] = []
        page.on(
            "response",
            lambda answer: answer.url.endswith("/events") and refused.append(answer.status),
        )
        page.goto(f"/jobs/{job.id}")
        expect(page.get_by_role("heading", level=1)).to_contain_text("waiting", ignore_case=True)
        assert site.ledger.take(job.id, "host/1/2/test")
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "The painting grows", timeout=20_000
        )
        site.ledger.cancel(job.id)
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "The painting was cancelled", timeout=20_000
        )
        browser.close()
        other.communicate(timeout=60)
    print(f"a page without a stream: refused with {refused}, followed to the end")
    assert refused and set(refused) == {503}
