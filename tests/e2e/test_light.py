"""Every page is light, still and alone: few bytes, nothing jumps, and no other host hears of it."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.conftest import NewContext, Stack, Stage, advance, painted

pytestmark = [pytest.mark.browser, pytest.mark.stack]

MOST_BYTES = 150_000
"""Of a page before its pictures, as it comes over the wire."""
MOST_SHIFT = 0.05
WATCH_SHIFTS = """window.shift = 0;
  new PerformanceObserver((seen) => seen.getEntries().forEach((each) => (shift += each.value)))
    .observe({ type: "layout-shift", buffered: true });"""
PAGES = {
    "home": "/",
    "art": "/art?content_sample=chelsea&style_sample=waves",
    "species": "/species?image_sample=chelsea",
    "training": "/training",
    "models": "/models",
    "model": "/models/wildlife?q=aves",
    "pictures": "/jobs",
    "nothing": "/nowhere",
    "done": "/jobs/{succeeded}",
    "running": "/jobs/{running}",
    "named": "/jobs/{named}",
    "strengths": "/art/strengths?job={succeeded}&job={running}",
}


class Wire:
    """What came over the wire for a page: bytes before pictures, and the hosts that were asked."""

    def __init__(self, session: CDPSession) -> None:
        self.bytes: dict[str, int] = {}
        self.hosts: set[str] = set()
        self._urls: dict[str, str] = {}
        session.send("Network.enable")
        session.on("Network.responseReceived", self.answered)
        session.on("Network.loadingFinished", self.finished)
        session.on("Network.requestWillBeSent", self.asked)

    def asked(self, event: dict) -> None:  # type: ignore[type-arg]
        if (parts := urlsplit(event["request"]["url"])).scheme not in ("data", "blob"):
            self.hosts.add(parts.netloc)

    def answered(self, event: dict) -> None:  # type: ignore[type-arg]
        if event["type"] not in ("Image", "EventSource"):
            self._urls[event["requestId"]] = event["response"]["url"]

    def finished(self, event: dict) -> None:  # type: ignore[type-arg]
        if url := self._urls.get(event["requestId"]):
            self.bytes[url] = event["encodedDataLength"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light_still_and_alone(
    new_context: NewContext, stack: Stack, staged: Stage, name: str
) -> None:
    made = {state: staged(state).id for state in ("succeeded", "running", "named")}
    page = new_context().new_page()
    wire = Wire(page.context.new_cdp_session(page))
    page.add_init_script(WATCH_SHIFTS)
    answer = page.goto(PAGES[name].format(**made), wait_until="load")
    page.wait_for_timeout(400)  # scripts put in what they add
    assert 0 < sum(wire.bytes.values()) <= MOST_BYTES, wire.bytes
    assert wire.hosts == {urlsplit(stack.address).netloc}
    assert page.evaluate("shift") <= MOST_SHIFT
    assert answer
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_jumps_from_waiting_to_done(
    page: Page, stack: Stack, staged: Stage, width: int
) -> None:
    """The whole life of a painting on its page, on a wide window and on a narrow one."""
    page.set_viewport_size({"width": width, "height": 844})
    page.add_init_script(WATCH_SHIFTS)
    job = staged("queued")
    page.goto(f"/jobs/{job.id}")
    heading = page.get_by_role("heading", level=1)
    attempt = advance(stack.ledger, job, "running")
    expect(heading).to_have_text("The painting grows")
    page.wait_for_timeout(300)
    attempt.succeed(painted(job))
    expect(heading).to_have_text("The painting is finished")
    expect(page.locator(".compare.live")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.evaluate("shift") <= MOST_SHIFT


def test_a_jump_is_seen(page: Page) -> None:
    """What watches for jumps sees one."""
    page.add_init_script(WATCH_SHIFTS)
    page.goto("/training", wait_until="load")
    page.wait_for_timeout(700)  # what follows a click within half a second does not count
    page.evaluate("document.querySelector('main').style.paddingTop = '20rem'")
    page.wait_for_timeout(300)
    assert page.evaluate("shift") > MOST_SHIFT
