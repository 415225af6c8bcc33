"""The Art page's form: every way in for pictures, complaints beside fields, and nothing is lost."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.stack]

SAMPLES = Path(__file__).parents[2] / "static" / "samples"
CAT = SAMPLES / "content" / "chelsea.jpg"

# What the browser does when a person drops or pastes a file.
ARRIVE = """([target, type, name, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
  const event = type === "paste"
    ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
    : new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.querySelector(target).dispatchEvent(event);
}"""


def arrive(page: Page, target: str, type: str, name: str = "cat.jpg") -> None:
    data = base64.b64encode(CAT.read_bytes()).decode()
    page.evaluate(ARRIVE, [target, type, name, data])


def files(page: Page, field: str) -> list[str]:
    names: list[str] = page.eval_on_selector(f"#{field}", "i => [...i.files].map(f => f.name)")
    return names


def test_dropping_pictures(page: Page) -> None:
    page.goto("/art")
    arrive(page, "[data-zone=style] .invitation", "drop")
    expect(page.locator("[data-zone=style] canvas")).to_be_visible()
    assert files(page, "style") == ["cat.jpg"]
    assert files(page, "content") == []


def test_pasting_fills_the_empty_zone_first(page: Page) -> None:
    page.goto("/art")
    arrive(page, "body", "paste", "first.jpg")
    expect(page.locator("[data-zone=content] canvas")).to_be_visible()
    arrive(page, "body", "paste", "second.jpg")
    expect(page.locator("[data-zone=style] canvas")).to_be_visible()
    assert (files(page, "content"), files(page, "style")) == (["first.jpg"], ["second.jpg"])


def test_several_paintings_are_shown_beside_each_other(page: Page) -> None:
    page.goto("/art")
    page.set_input_files("#style", [CAT, SAMPLES / "style" / "marbled-paper.jpg"])
    expect(page.locator("[data-zone=style] canvas")).to_have_count(2)


def test_a_sample_takes_the_place_of_a_file_and_back(page: Page) -> None:
    page.goto("/art")
    page.set_input_files("#content", CAT)
    page.get_by_role("radio", name="A cup of coffee").check()
    assert files(page, "content") == []
    expect(page.locator("[data-zone=content] .shown img")).to_be_visible()
    page.set_input_files("#content", CAT)
    expect(page.locator("input[name=content_sample]").first).to_be_checked()
    expect(page.locator("[data-zone=content] canvas")).to_be_visible()


def test_a_file_that_no_browser_shows_is_named(page: Page, tmp_path: Path) -> None:
    page.goto("/art")
    strange = tmp_path / "IMG_1647.HEIC"
    strange.write_bytes(b"\0\0\0\x18ftypheic" + bytes(64))
    page.set_input_files("#content", strange)
    expect(page.locator("[data-zone=content] .shown p")).to_contain_text("IMG_1647.HEIC")


def test_complaints_stand_beside_the_field_and_files_stay(page: Page, tmp_path: Path) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("not a picture at all")
    page.goto("/art")
    page.set_input_files("#content", text)
    page.set_input_files("#style", CAT)
    page.get_by_role("button", name="Create art!").click()
    expect(page.locator("#content-error")).to_contain_text("The file is not a picture.")
    expect(page.locator("#content")).to_be_focused()
    expect(page.locator("#content")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="Create art!")).to_be_enabled()
    assert files(page, "style") == ["chelsea.jpg"]
    page.set_input_files("#content", CAT)
    expect(page.locator("#content-error")).to_be_empty()


def test_complaints_without_scripts_keep_the_other_entries(plain_page: Page) -> None:
    page = plain_page
    page.goto("/art")
    page.get_by_role("radio", name="Marbled paper").check()
    page.get_by_label("Size").fill("256")
    page.get_by_role("button", name="Create art!").click()
    expect(page.locator("#content-error")).to_have_text("Choose a picture.")
    expect(page.get_by_role("radio", name="Marbled paper")).to_be_checked()
    expect(page.get_by_label("Size")).to_have_value("256")
    expect(page.locator(".notice")).to_contain_text("must be chosen again")


def test_lost_connection_keeps_everything(page: Page) -> None:
    page.goto("/art")
    page.set_input_files("#content", CAT)
    page.context.set_offline(True)
    page.get_by_role("button", name="Create art!").click()
    expect(page.locator(".notice")).to_contain_text("Merian cannot be reached")
    assert files(page, "content") == ["chelsea.jpg"]


def test_back_from_a_failure_brings_the_entries(page: Page) -> None:
    """And a reload does, but for files, which no browser gives back then."""
    page.goto("/art")
    page.set_input_files("#content", CAT)
    page.get_by_role("radio", name="Marbled paper").check()
    page.get_by_label("Size").fill("192")
    page.goto("/jobs/there-is-none")
    page.go_back()
    expect(page.get_by_label("Size")).to_have_value("192")
    expect(page.locator(".option-size input[type=range]")).to_have_value("192")
    expect(page.locator("[data-zone=style] .shown img")).to_be_visible()
    expect(page.locator("[data-zone=content] canvas")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Size")).to_have_value("192")
    expect(page.get_by_role("radio", name="Marbled paper")).to_be_checked()


def test_a_form_that_expired(plain_page: Page) -> None:
    page = plain_page
    page.goto("/art")
    page.get_by_label("Size").fill("192")
    page.context.clear_cookies()
    page.get_by_role("button", name="Create art!").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("open for too long")
    page.go_back()
    expect(page.get_by_label("Size")).to_have_value("192")


def test_slider_and_number_say_the_same(page: Page) -> None:
    page.goto("/art")
    slider = page.locator(".option-strength input[type=range]")
    page.get_by_label("Strength").fill("0.8")
    expect(slider).to_have_value("0.8")
    slider.fill("0.25")
    expect(page.get_by_label("Strength")).to_have_value("0.25")


def test_the_language_is_chosen_and_kept(page: Page) -> None:
    page.goto("/art")
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("button", name="¡Crear arte!")).to_be_visible()
    page.goto("/jobs")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url(re.compile("/jobs$"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
