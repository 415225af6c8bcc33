"""A link, made and ended as a person does it, and what a visitor sees."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewContext, Stage

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_make_copy_visit_end(page: Page, staged: Stage, new_context: NewContext) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/jobs/{staged('succeeded').id}")
    page.get_by_label("with the photograph").check()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("Whoever has this address").input_value()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    expect(page.locator("#announcement")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == link

    visitor = new_context().new_page()
    visitor.goto(link)
    expect(visitor.get_by_role("heading", level=1)).to_have_text("A painting")
    expect(visitor.get_by_label("How much of the photograph to show")).to_be_visible()
    assert visitor.evaluate("[...document.images].every((each) => each.naturalWidth)")
    assert visitor.context.cookies() == []
    with visitor.expect_download() as download:
        visitor.get_by_text("Other formats").click()
        visitor.get_by_role("link", name="WebP").click()
    assert download.value.suggested_filename == "merian-painting.webp"

    page.get_by_role("button", name="End the link").click()
    expect(page.get_by_role("button", name="Make a link")).to_be_visible()
    visitor.reload()
    expect(visitor.get_by_text("There is nothing at this address.")).to_be_visible()


def test_without_scripts(plain_page: Page, staged: Stage) -> None:
    plain_page.goto(f"/jobs/{staged('named').id}")
    plain_page.get_by_role("button", name="Make a link").click()
    field = plain_page.get_by_label("Whoever has this address")
    assert not field.is_editable()
    plain_page.goto(field.input_value())
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("Domestic cat")
    expect(plain_page.get_by_alt_text("The photograph")).to_be_visible()


def test_the_losses_say_where_the_picture_grew(page: Page, staged: Stage) -> None:
    page.goto(f"/jobs/{staged('succeeded').id}")
    expect(page.locator("[data-curves] line.scale")).to_have_count(2)
    expect(page.locator("[data-curves]")).to_contain_text(re.compile("64 px.*128 px"))
