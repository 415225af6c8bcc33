"""The page of a job stays true, whatever happens to its connection."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Stack, Stage, advance

pytestmark = [pytest.mark.browser, pytest.mark.stack]


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
