"""A person names what is in a photograph, with and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from app.samples import read_samples

pytestmark = [pytest.mark.browser, pytest.mark.stack]
PATIENCE = 60_000
CAT = read_samples()["chelsea"].path


def test_from_photograph_to_name(page: Page) -> None:
    page.goto("/species")
    page.set_input_files("#image", CAT)
    expect(page.locator("[data-shown] canvas")).to_be_visible()
    page.get_by_label("Several specimens").check()
    page.get_by_role("button", name="Name it!").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Domestic cat", timeout=PATIENCE)
    expect(page.locator(".answers li").first).to_contain_text("Felis catus")
    expect(page.locator(".boxes rect")).to_have_count(1)
    heat = page.locator(".heat")
    assert heat.evaluate("(each) => getComputedStyle(each).opacity") == "0"
    assert heat.evaluate("(each) => each.naturalWidth") > 100
    page.get_by_label("Where it looked").fill("80")
    assert heat.evaluate("(each) => getComputedStyle(each).opacity") == "0.8"
    page.locator(".specimens a").focus()
    expect(page.locator(".boxes [data-box='1']")).to_have_class("lit")
    page.locator("h1").focus()
    expect(page.locator(".boxes [data-box='1']")).not_to_have_class("lit")
    page.locator(".boxes [data-box='1'] rect").hover()
    expect(page.locator(".specimens a")).to_have_class("lit")
    page.get_by_role("link", name="Name another").click()
    expect(page.get_by_label("Several specimens")).to_be_checked()


def test_without_scripts(plain_page: Page) -> None:
    plain_page.goto("/species")
    plain_page.locator("input[name=image_sample][value=coffee]").check()
    plain_page.get_by_role("button", name="Name it!").click()
    heading = plain_page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Nothing that the model could name", timeout=PATIENCE)
    expect(plain_page.get_by_text("This does not look like a living thing.")).to_be_visible()
    plain_page.get_by_text("Delete …").click()
    plain_page.get_by_role("button", name="Delete for good").click()
    expect(plain_page.get_by_role("heading", name="My pictures")).to_be_visible()


def test_a_complaint_keeps_the_photograph(page: Page) -> None:
    page.goto("/species")
    page.set_input_files("#image", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no"})
    page.get_by_role("button", name="Name it!").click()
    expect(page.locator("#image-error")).to_contain_text("not a picture")
    assert page.locator("#image").evaluate("(each) => each.files.length") == 1


def test_models_are_searched(page: Page) -> None:
    page.goto("/models")
    page.get_by_label("Search for a species").fill("monarch")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".model")).to_contain_text("Danaus plexippus")
    page.get_by_role("link", name="Wildlife").click()
    expect(page.locator(".taxa li")).to_have_count(1)
    page.get_by_role("link", name="Ask this model").click()
    expect(page.locator("#option-model")).to_have_value("wildlife")
