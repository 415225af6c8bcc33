"""All of painting and all of naming, by keyboard alone, with the focus always in sight."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.stack]
PATIENCE = 60_000
MOST_STOPS = 60
FOCUS = """() => {
  const at = document.activeElement;
  if (at === document.body) return "";
  const marked = [at, at.nextElementSibling, at.closest(".drop, .compare, label")];
  const seen = marked.some((each) => each && getComputedStyle(each).outlineStyle !== "none"
    && parseFloat(getComputedStyle(each).outlineWidth) >= 2);
  const box = (at.closest(".drop, label") ?? at).getBoundingClientRect();
  const there = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return seen && there ? "" : `${at.outerHTML.slice(0, 200)}: ${seen ? "out of sight" : "no mark"}`;
}"""
"""What is wrong with how the focus shows; best nothing."""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there; each stop on the way must show."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS) == ""
        if page.evaluate("s => Boolean(document.activeElement?.matches(s))", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")


def enter(page: Page, selector: str) -> None:
    tab_to(page, selector)
    page.keyboard.press("Enter")


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words, timeout=PATIENCE)
    page.wait_for_load_state()


def test_painting(page: Page) -> None:
    page.goto("/")
    enter(page, ".skip")
    enter(page, "a.primary[href='/art']")
    page.wait_for_url("**/art")
    press = page.keyboard.press
    tab_to(page, "input[name=content_sample]")
    press("ArrowRight")
    tab_to(page, "input[name=style_sample]")
    press("ArrowRight")
    tab_to(page, "#option-size")
    press("Control+A")
    page.keyboard.type("64")
    enter(page, ".more summary")
    tab_to(page, "#option-seed")
    press("ArrowUp")
    enter(page, "button[type=submit]")
    page.wait_for_url(re.compile("/jobs/"))
    heading(page, "The painting is finished")

    with page.expect_download() as download:
        enter(page, ".deeds a.primary")
    assert download.value.suggested_filename.endswith(".png")
    enter(page, "a[href*='like=']")
    page.wait_for_url("**/art?like=*")
    assert page.locator("#option-seed").input_value() == "1"
    tab_to(page, "#option-strength")
    press("ArrowUp")
    enter(page, "button[type=submit]")
    page.wait_for_url(re.compile("/jobs/"))
    heading(page, "The painting is finished")
    enter(page, ".really summary")
    enter(page, ".really button")
    page.wait_for_url(re.compile("/jobs$"))


def test_naming(page: Page) -> None:
    page.goto("/species")
    tab_to(page, "input[name=image_sample]")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Chelsea the cat")).to_be_checked()
    tab_to(page, "#option-model")
    page.keyboard.type("wild")
    expect(page.locator("#option-model")).to_have_value("wildlife")
    enter(page, "button[type=submit]")
    page.wait_for_url(re.compile("/jobs/"))
    heading(page, "Domestic cat")
    expect(page.locator(".answers li").first).to_contain_text("Felis catus")

    tab_to(page, "#correction input[name=other]")
    page.keyboard.type("Lynx")
    page.keyboard.press("Enter")
    expect(page.locator("#correction")).to_contain_text("lynxes")
    page.wait_for_load_state()
    enter(page, ".really summary")
    enter(page, ".really button")
    page.wait_for_url(re.compile("/jobs$"))
