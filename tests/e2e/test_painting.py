"""From two pictures to a painting, as a person does it."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.stack]

PAINTED_MS = 60_000
SAMPLES = Path(__file__).parents[2] / "static" / "samples"


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """A real photograph, 3:2, smaller than the page's usual."""
    path = tmp_path / "coffee.jpg"
    Image.open(SAMPLES / "content" / "coffee.jpg").resize((300, 200)).save(path)
    return path


def choose(page: Page, photograph: Path, size: int = 128) -> None:
    page.goto("/art")
    page.set_input_files("#content", photograph)
    page.locator("input[name=style_sample]").nth(1).check()
    page.get_by_label("Size").fill(str(size))


def test_two_pictures_in_a_painting_out(page: Page, photograph: Path) -> None:
    choose(page, photograph, 256)  # a smaller one may be finished before it is seen on its way
    expect(page.locator("[data-zone=content] canvas")).to_be_visible()
    expect(page.locator("[data-zone=style] .shown img")).to_be_visible()
    page.get_by_role("button", name="Create art!").click()

    expect(page).to_have_url(re.compile("/jobs/"))
    expect(page.get_by_alt_text("The picture as it is painted so far")).to_be_visible(
        timeout=PAINTED_MS
    )
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "The painting is finished", timeout=PAINTED_MS
    )
    expect(page.locator("#announcement")).to_have_text("The painting is finished")
    expect(page.locator("[data-curves] .curve")).to_have_count(4)

    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    painting = Image.open(download.value.path())
    assert painting.format == "PNG"
    assert painting.size == (256, 171)
    assert download.value.suggested_filename.endswith(".png")


def test_before_and_after(page: Page, staged: Stage) -> None:
    page.goto(f"/jobs/{staged('succeeded').id}")
    slider = page.get_by_label("How much of the photograph to show")
    before = page.get_by_alt_text("The photograph it was painted from")
    slider.focus()
    page.keyboard.press("Home")
    expect(before).to_have_css("clip-path", "inset(0px 100% 0px 0px)")
    page.keyboard.press("End")
    expect(before).to_have_css("clip-path", "inset(0px 0% 0px 0px)")


def test_cancelling_keeps_what_was_painted(page: Page, photograph: Path) -> None:
    choose(page, photograph, size=2048)
    page.get_by_role("button", name="Create art!").click()
    expect(page.get_by_alt_text("The picture as it is painted so far")).to_be_visible(
        timeout=PAINTED_MS
    )
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The painting was cancelled")
    expect(page.get_by_alt_text("The picture as it is painted so far")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download what was painted").click()
    assert Image.open(download.value.path()).format == "JPEG"


def test_deleting_takes_two_steps(page: Page, staged: Stage) -> None:
    job = staged("succeeded")
    page.goto(f"/jobs/{job.id}")
    expect(page.get_by_role("button", name="Delete for good")).to_be_hidden()
    page.get_by_text("Delete …").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page).to_have_url(re.compile("/jobs$"))
    answer = page.goto(f"/jobs/{job.id}")
    assert answer and answer.status == 404


def test_without_scripts(plain_page: Page, photograph: Path) -> None:
    page = plain_page
    page.goto("/art")
    page.set_input_files("#content", photograph)
    page.locator("input[name=style_sample]").nth(1).check()
    page.get_by_label("Size").fill("128")
    page.get_by_role("button", name="Create art!").click()
    # Nothing but the page's own refresh brings this about.
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "The painting is finished", timeout=PAINTED_MS
    )
    address = page.get_by_role("link", name="Download").get_attribute("href")
    assert address
    painting = page.context.request.get(address).body()
    assert Image.open(BytesIO(painting)).size == (128, 85)
    page.get_by_role("link", name="My pictures").click()
    newest = page.get_by_role("checkbox").first
    id = newest.get_attribute("value") or ""
    newest.check()
    page.get_by_text("Delete …").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="My pictures")).to_be_visible()
    expect(page.locator(f'[value="{id}"]')).to_have_count(0)


def test_cancelling_without_scripts(plain_page: Page, staged: Stage) -> None:
    plain_page.goto(f"/jobs/{staged('running').id}")
    plain_page.get_by_role("button", name="Cancel").click()
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("The painting was cancelled")


def test_two_paintings_with_masks_are_handed_in(
    page: Page, photograph: Path, tmp_path: Path
) -> None:
    choose(page, photograph, size=64)
    page.set_input_files("#style", sorted((SAMPLES / "style").glob("*.jpg"))[:2])
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Style weights").fill("2,1")
    for number, white in ((1, (0, 0, 150, 200)), (2, (150, 0, 300, 200))):
        mask = Image.new("L", (300, 200))
        mask.paste(255, white)
        mask.save(tmp_path / f"mask-{number}.png")
        page.set_input_files(f"#mask-{number}", tmp_path / f"mask-{number}.png")
    page.get_by_role("button", name="Create art!").click()
    expect(page).to_have_url(re.compile("/jobs/"))
    expect(page.get_by_alt_text("The mask that says where the style goes")).to_have_count(2)
    expect(page.locator(".facts")).to_contain_text("2,1")
