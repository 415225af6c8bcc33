"""A person teaches Merian three shapes, tries the model, corrects it, and takes it home."""

import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import Page, expect

from models.training.options import TrainOptions
from tests.app.pages.learning import HEAD
from tests.e2e.conftest import NewContext, Stack
from tests.e2e.looking import flaws
from workers.holders import Holder
from workers.jobs import Failure, Job, Progress

pytestmark = [pytest.mark.browser, pytest.mark.stack]
PATIENCE = 90_000
SECONDS = 90.0
"""From the upload to the served model."""
SHAPES: dict[str, tuple[str, Callable[..., None]]] = {
    "Rubra rotunda": ("firebrick", lambda pen, box: pen.ellipse(box, fill="firebrick")),
    "Caerula quadrata": ("royalblue", lambda pen, box: pen.rectangle(box, fill="royalblue")),
    "Lutea triangula": (
        "goldenrod",
        lambda pen, box: pen.regular_polygon(
            ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, (box[2] - box[0]) / 2),
            3, fill="goldenrod",
        ),
    ),
}  # fmt: skip


def drawn(shape: str, number: int) -> Image.Image:
    """A shape of its colour somewhere on paper; each number another picture."""
    chance = Random(f"{shape} {number}")
    paper = tuple(chance.randint(200, 250) for _ in range(3))
    picture = Image.new("RGB", (256, 224), paper)
    size, left, top = chance.randint(90, 150), chance.randint(10, 90), chance.randint(10, 60)
    SHAPES[shape][1](ImageDraw.Draw(picture), (left, top, left + size, top + size))
    return picture.filter(ImageFilter.GaussianBlur(chance.uniform(0.0, 2.0)))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive_in(tmp_path_factory.mktemp("shapes"))


def archive_in(folder: Path, each: int = 12) -> Path:
    """So many pictures of each shape."""
    with zipfile.ZipFile(folder / "shapes.zip", "w") as file:
        for shape in SHAPES:
            for number in range(each):
                drawn(shape, number).save(folder / "one.jpg", quality=90)
                file.write(folder / "one.jpg", f"{shape}/{number}.jpg")
    return folder / "shapes.zip"


def check(page: Page) -> None:
    """Nothing is wrong with the page in both themes and languages and at every width."""
    for language in ("es", "en"):
        page.context.add_cookies([{"name": "language", "value": language, "url": page.url}])
        page.reload()
        assert flaws(page) == [], f"{page.url} in {language}"


def test_from_an_archive_to_a_model_and_back(page: Page, archive: Path, tmp_path: Path) -> None:
    page.goto("/training")
    check(page)
    page.set_input_files("#archive", archive)
    expect(page.locator("[data-shown]")).to_contain_text("shapes.zip")
    page.get_by_label("Title").fill("Shapes")

    began = time.monotonic()
    page.get_by_role("button", name="Look it through").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Shapes", timeout=PATIENCE)
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("tbody tr").first).to_contain_text("Caerula quadrata12")
    expect(page.get_by_label("Name", exact=True)).to_have_value("shapes")
    page.get_by_role("radio", name="the last layer", exact=True).check()
    page.get_by_role("button", name="Teach it!").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("The model learns", timeout=PATIENCE)
    expect(heading).to_have_text("The model is ready", timeout=PATIENCE)
    assert time.monotonic() - began < SECONDS
    expect(page.locator(".plot polyline").first).to_be_visible()
    check(page)
    page.get_by_role("link", name="Shapes", exact=True).click()
    check(page)
    page.go_back()

    page.get_by_role("link", name="All about the model").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Shapes")
    expect(page.locator(".taxa li")).to_have_count(3)
    check(page)

    new = tmp_path / "new.jpg"
    drawn("Rubra rotunda", 99).save(new, quality=90)
    page.get_by_role("link", name="Ask this model").click()
    expect(page.get_by_label("Model")).to_have_value("shapes")
    page.set_input_files("#image", new)
    page.get_by_role("button", name="Name it!").click()
    expect(page.locator("#correction")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".answers li").first).to_contain_text("Rubra rotunda")
    check(page)

    page.get_by_label("It is …").fill("lutea triangula")
    page.get_by_label("Keep the photographs").check()
    page.get_by_role("button", name="Say so").click()
    expect(page.locator("#correction")).to_contain_text("Lutea triangula")
    check(page)

    page.goto("/models/shapes")
    expect(page.get_by_text("the photographs of 1 answer be kept")).to_be_visible()
    expect(page.get_by_role("button", name="Teach it again with the corrections")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download", exact=True).click()
    with zipfile.ZipFile(taken.value.path()) as file:
        assert {"shapes/card.json", "shapes/model.safetensors"} <= set(file.namelist())
        assert file.testzip() is None
    page.goto("/jobs")
    check(page)

    page.goto("/models/shapes")
    page.get_by_text("Delete …").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page).to_have_url("/models")
    expect(page.get_by_role("link", name="Shapes")).to_have_count(0)


def test_without_scripts(plain_page: Page, archive: Path) -> None:
    plain_page.goto("/training")
    plain_page.get_by_role("button", name="Look it through").click()
    expect(plain_page.locator("#archive-error")).to_contain_text("Choose a ZIP archive")
    plain_page.set_input_files("#archive", archive)
    plain_page.get_by_role("button", name="Look it through").click()
    expect(plain_page.locator("tbody tr")).to_have_count(3, timeout=PATIENCE)
    plain_page.get_by_label("Name", exact=True).fill("wildlife")
    plain_page.get_by_role("button", name="Teach it!").click()
    expect(plain_page.locator("#option-name-error")).to_contain_text("is a part of Merian")


def test_what_is_no_archive_keeps_the_title(page: Page) -> None:
    page.goto("/training")
    page.get_by_label("Title").fill("Letters")
    letter = {"name": "letter.zip", "mimeType": "application/zip", "buffer": b"Dear friend"}
    page.set_input_files("#archive", letter)
    page.get_by_role("button", name="Look it through").click()
    expect(page.locator("#archive-error")).to_contain_text("not a ZIP archive")
    expect(page.get_by_label("Title")).to_have_value("Letters")
    expect(page.locator("#archive")).to_be_focused()


STAGES = {
    "queued": ("", "Waiting"),
    "reading": ("Reading the photographs", "Reading the photographs"),
    "learning": ("Teaching the last layer", "Learning"),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", [*STAGES, "failed"])
def test_a_training_on_its_way(
    new_context: NewContext, stack: Stack, state: str, theme: str
) -> None:
    options = TrainOptions(name="mosses").as_dict() | {"dataset": "gone"}
    job = stack.ledger.create(Job("local", options, {}, kind="training", queue="training"), 100)
    page = new_context(color_scheme=theme).new_page()
    try:
        attempt = None if state == "queued" else stack.ledger.take(job.id, str(Holder.here()))
        if state == "failed" and attempt:
            attempt.fail(Failure("not_enough_memory", "Choose a smaller batch."))
        elif attempt:
            told = {"version": 1, "curves": HEAD} if state == "learning" else None
            attempt.progress(Progress(3, 9, 0.3, STAGES[state][0]), told)
        page.goto(f"/jobs/{job.id}")
        if state in STAGES:
            expect(page.locator(".stages [aria-current]")).to_have_text(STAGES[state][1])
        check(page)
    finally:
        stack.ledger.delete(job.id)


def test_in_the_dark_and_in_spanish(new_context: NewContext) -> None:
    page = new_context(color_scheme="dark", locale="es-ES").new_page()
    page.goto("/training")
    expect(page.get_by_role("heading", level=1)).to_have_text("Entran fotografías, sale un modelo")
    check(page)
