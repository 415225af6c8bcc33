"""The Art page's helpers in a real browser: forecast, surprise, repainting, strengths, styles."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.stack]
PAINTED_MS = 90_000
PHOTOGRAPHS = Path(__file__).parents[2] / "static" / "samples" / "content"


def test_the_forecast_follows_the_form(page: Page) -> None:
    page.goto("/art")
    told = page.locator("[data-forecast]")
    expect(told).to_contain_text("512 × 384 px")
    page.set_input_files("#content", PHOTOGRAPHS / "chelsea.jpg")
    expect(told).to_contain_text("512 × 341 px")
    page.get_by_label("Size").fill("1024")
    expect(told).to_contain_text("1024 × 681 px")


def test_a_surprise_leaves_the_photograph(page: Page) -> None:
    page.goto("/art")
    page.set_input_files("#content", PHOTOGRAPHS / "chelsea.jpg")
    page.get_by_role("link", name="Surprise me").click()
    expect(page.locator("[data-zone=style] .shown img")).to_be_visible()
    assert page.locator("[name=style_sample]:checked").get_attribute("value")
    assert page.locator("#content").evaluate("(each) => each.files.length") == 1
    expect(page).to_have_url(re.compile("/art$"))


def test_repainting_needs_no_new_upload(page: Page, staged: Stage) -> None:
    page.goto(f"/jobs/{staged('succeeded').id}")
    page.get_by_role("link", name="Repaint with changes").click()
    for zone in ("content", "style"):
        expect(page.locator(f"[data-zone={zone}] .shown img")).to_be_visible()
    page.get_by_label("Size").fill("64")
    page.get_by_role("button", name="Create art!").click()
    expect(page).to_have_url(re.compile("/jobs/[0-9a-f]{32}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "The painting is finished", timeout=PAINTED_MS
    )


def test_strengths_grow_side_by_side(page: Page) -> None:
    page.goto("/art?content_sample=chelsea&style_sample=waves")
    page.get_by_role("button", name="Compare strengths").click()
    expect(page.locator(".drafts .card")).to_have_count(4)
    expect(page.locator(".badge.succeeded")).to_have_count(4, timeout=PAINTED_MS)
    expect(page.locator("#announcement")).to_have_text("The drafts are finished.")
    page.get_by_role("link", name="Paint this one").nth(2).click()
    expect(page.get_by_label("Strength")).to_have_value("0.75")
    expect(page.get_by_label("Size")).to_have_value("512")
    expect(page.locator("[data-zone=style] .shown img")).to_be_visible()


def test_keeping_and_forgetting_without_scripts(plain_page: Page, staged: Stage) -> None:
    page = plain_page
    page.goto(f"/jobs/{staged('succeeded').id}")
    page.get_by_role("button", name="Keep this style").click()
    kept = page.get_by_role("radio", name="A style of mine")
    expect(kept).to_have_count(1)
    page.get_by_role("button", name="Forget").click()
    expect(kept).to_have_count(0)
