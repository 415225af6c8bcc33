"""The first page's examples move, and are what Merian really says."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.stack]
PATIENCE = 60_000


def test_the_examples_move(page: Page) -> None:
    page.goto("/")
    page.get_by_label("How much of the photograph to show").fill("0")
    assert "100%" in page.locator(".before").evaluate("(each) => getComputedStyle(each).clipPath")
    page.get_by_label("Where it looked").fill("70")
    assert page.locator(".heat").evaluate("(each) => getComputedStyle(each).opacity") == "0.7"


def test_nothing_moves_while_it_loads(page: Page) -> None:
    page.add_init_script("""window.shift = 0;
      new PerformanceObserver((seen) => seen.getEntries().forEach((each) => (shift += each.value)))
        .observe({ type: "layout-shift", buffered: true });""")
    page.goto("/", wait_until="networkidle")
    expect(page.locator(".compare.live")).to_be_visible()
    assert page.evaluate("shift") < 0.05


def test_the_named_example_is_what_the_model_says(page: Page) -> None:
    page.goto("/")
    shares = page.locator(".answers .share").all_text_contents()
    page.get_by_role("link", name="Try this one").click()
    page.get_by_role("button", name="Name it!").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Domestic cat", timeout=PATIENCE)
    assert page.locator(".answers .share").all_text_contents()[: len(shares)] == shares
