"""The page of a job stays true, whatever happens to its connection."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Stack, Stage, advance

pytestmark = [pytest.mark.browser, pytest.mark.stack]

TRUE_MS = 2000
"""After which a page shows the true state, whatever happened to it."""
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
"""What the page hears when its tab goes out of sight; a browser without a screen hides none."""
DEAF = (
    "EventTarget.prototype.addEventListener = ((add) => function (type, ...rest) {"
    "if (!['online', 'visibilitychange', 'resume', 'pageshow'].includes(type))"
    "add.call(this, type, ...rest) })(EventTarget.prototype.addEventListener);"
    "window.EventSource = class extends EventTarget { readyState = 1; close() {} };"
)
"""A page that hears of no return, with a stream that says nothing and looks alive."""


def test_without_event_streams_the_page_asks(page: Page, stack: Stack, staged: Stage) -> None:
    page.route("**/events", lambda route: route.abort())
    job = staged("running")
    page.goto(f"/jobs/{job.id}")
    stack.ledger.cancel(job.id)
    expect(page.get_by_role("heading", level=1)).to_have_text("The painting was cancelled")


def test_a_lost_connection_is_told_and_caught_up(page: Page, stack: Stack, staged: Stage) -> None:
    job = staged("running")
    page.goto(f"/jobs/{job.id}")
    page.context.set_offline(True)
    notice = page.get_by_text("The connection is lost.")
    expect(notice).to_be_visible(timeout=10_000)
    stack.ledger.cancel(job.id)
    page.context.set_offline(False)
    expect(page.get_by_role("heading", level=1)).to_have_text("The painting was cancelled")
    expect(notice).to_be_hidden()


def test_a_job_that_was_deleted_elsewhere_is_gone(page: Page, stack: Stack, staged: Stage) -> None:
    job = staged("running")
    page.goto(f"/jobs/{job.id}")
    stack.ledger.delete(job.id)
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "There is no such job", timeout=10_000
    )


def test_the_focus_stays_where_it_was(page: Page, stack: Stack, staged: Stage) -> None:
    """Parts of the page are replaced as the painting grows; the keyboard must not notice."""
    job = staged("queued")
    page.goto(f"/jobs/{job.id}")
    page.get_by_role("button", name="Cancel").focus()
    advance(stack.ledger, job, "running")
    expect(page.get_by_role("heading", level=1)).to_have_text("The painting grows")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    stack.ledger.cancel(job.id)
    expect(page.get_by_role("heading", level=1)).to_have_text("The painting was cancelled")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def truth(page: Page, words: str = "The painting was cancelled") -> None:
    """The page says so within two seconds, counted from here."""
    expect(page.get_by_role("heading", level=1)).to_have_text(words, timeout=TRUE_MS)


def test_a_tab_that_the_browser_put_to_sleep(page: Page, stack: Stack, staged: Stage) -> None:
    """Hidden, then frozen, as browsers do with tabs that nobody looks at for minutes."""
    job = staged("running")
    page.goto(f"/jobs/{job.id}")
    browser = page.context.new_cdp_session(page)
    page.evaluate(HIDE, True)
    browser.send("Page.setWebLifecycleState", {"state": "frozen"})
    stack.ledger.cancel(job.id)
    time.sleep(3)
    browser.send("Page.setWebLifecycleState", {"state": "active"})
    page.evaluate(HIDE, False)
    truth(page)


def test_a_laptop_that_was_closed_for_ten_minutes(page: Page, stack: Stack, staged: Stage) -> None:
    """No net meanwhile, the stream is dead, and nothing but the clock tells of it."""
    page.clock.install()
    job = staged("running")
    page.goto(f"/jobs/{job.id}")
    page.route("**/events", lambda route: route.abort())  # no stream comes back
    page.context.set_offline(True)
    stack.ledger.cancel(job.id)
    page.clock.fast_forward("10:00")
    page.context.set_offline(False)
    truth(page)


def test_a_clock_that_jumped_is_enough(page: Page, stack: Stack, staged: Stage) -> None:
    """The tab stayed in sight, the net is back, no event comes: the browser told nothing."""
    page.clock.install()
    job = staged("running")
    page.add_init_script(DEAF)
    page.goto(f"/jobs/{job.id}")
    stack.ledger.cancel(job.id)
    page.clock.fast_forward("10:00")
    truth(page)


def test_a_stream_that_was_cut(page: Page, stack: Stack, staged: Stage) -> None:
    job = staged("running")
    page.goto(f"/jobs/{job.id}")
    page.context.set_offline(True)
    expect(page.get_by_text("The connection is lost.")).to_be_visible(timeout=TRUE_MS)
    stack.ledger.cancel(job.id)
    page.context.set_offline(False)
    truth(page)
    expect(page.get_by_text("The connection is lost.")).to_be_hidden()


def test_reloading_and_coming_back(page: Page, stack: Stack, staged: Stage) -> None:
    job = staged("running")
    page.goto(f"/jobs/{job.id}")
    page.goto("/art")
    stack.ledger.cancel(job.id)
    page.go_back(wait_until="commit")
    truth(page)
    page.reload(wait_until="commit")
    truth(page)


def test_the_gallery_says_what_became_of_each(page: Page, stack: Stack, staged: Stage) -> None:
    job, other = staged("running"), staged("succeeded")
    page.goto("/jobs")
    page.locator(f'[value="{other.id}"]').check()
    card = page.locator(".card", has=page.locator(f'[value="{job.id}"]'))
    expect(card.locator(".badge")).to_have_text("Being painted")
    card.locator("a").focus()
    stack.ledger.cancel(job.id)
    expect(card.locator(".badge")).to_have_text("Cancelled", timeout=TRUE_MS + 500)
    expect(card.locator("a")).to_be_focused()
    expect(page.locator(f'[value="{other.id}"]')).to_be_checked()


@pytest.mark.parametrize("address", ["/", "/jobs"])
def test_what_was_made_elsewhere_is_there_on_return(
    page: Page, staged: Stage, address: str
) -> None:
    page.goto(address)
    page.evaluate(HIDE, True)
    job = staged("succeeded")
    page.evaluate(HIDE, False)
    expect(page.locator(f'a[href="/jobs/{job.id}"]')).to_be_visible(timeout=TRUE_MS)


def test_no_net_is_told_on_any_page(page: Page) -> None:
    page.goto("/models")
    page.context.set_offline(True)
    banner = page.get_by_text("Merian cannot be reached.")
    expect(banner).to_be_visible(timeout=TRUE_MS)
    page.context.set_offline(False)
    expect(banner).to_be_hidden(timeout=TRUE_MS)
