"""From a figure of the confusion matrix to its photographs, by keyboard and without scripts."""

import hashlib
import json
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.samples import read_samples
from models.training.examples import Example
from models.training.options import TrainOptions
from models.training.verdicts import Verdict
from tests.app.pages.learning import HEAD, METRICS, evaluation
from tests.e2e.conftest import NewContext, Stack
from tests.e2e.test_training import check
from workers import judged
from workers.jobs import Job

pytestmark = [pytest.mark.browser, pytest.mark.stack]
NAME = "mosses"
LABELS = [f"class {number:02}" for number in range(3)]


@pytest.fixture
def taught(stack: Stack) -> Iterator[str]:
    """The id of a training whose model took one photograph for another class."""
    options = TrainOptions(name=NAME, mode="head").as_dict() | {"dataset": ""}
    job = Job("local", options, {}, kind="training")
    job = stack.ledger.create(job, 100)
    attempt = stack.ledger.take(job.id, "tests")
    assert attempt
    attempt.succeed({"model": NAME, "metrics": METRICS, "curves": HEAD, "seconds": 9.0})
    folder = stack.store.root.parent / "models" / NAME
    folder.mkdir(parents=True)
    weights = b"none"
    training = {
        "job": job.id, "mode": "head", "options": {}, "seconds": 9.0, "curves": HEAD,
        "measured_on": "test", "data": {"photographs": 30, "classes": 3, "warnings": []},
    }  # fmt: skip
    card = {
        "name": NAME, "version": "1", "title": {"en": "Mosses"}, "description": {},
        "licence": "CC0-1.0", "training_data": "None.", "backbone": "efficientnet_lite0",
        "preprocessing": {"pixels": 224, "share": 0.9},
        "weights": {"file": "model.safetensors", "sha256": hashlib.sha256(weights).hexdigest()},
        "taxa": [{"species": label} for label in LABELS],
        "classes": [[label, number] for number, label in enumerate(LABELS)],
        "training": training, "evaluation": evaluation(3), "metrics": METRICS,
    }  # fmt: skip
    (folder / "card.json").write_text(json.dumps(card))
    (folder / "model.safetensors").write_bytes(weights)
    mistaken = Verdict(example(LABELS[0]), ((LABELS[2], 0.9), (LABELS[0], 0.1)))
    judged.keep(stack.store, job.id, [mistaken, Verdict(example(LABELS[1]), ((LABELS[1], 0.8),))])
    yield job.id
    shutil.rmtree(folder)
    stack.ledger.delete(job.id)
    stack.store.delete_prefix(job.folder)


def example(label: str) -> Example:
    return Example("0", label, "test", "0", read_samples()["chelsea"].path)


def to_the_mistake(page: Page) -> None:
    cell = page.get_by_role("link", name="is class 00, is named class 02")
    cell.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("class 00, named class 02")
    expect(page.get_by_role("img", name="A photograph of class 00")).to_be_visible()
    expect(page.locator(".judged > li")).to_have_count(1)


def test_by_keyboard(page: Page, taught: str) -> None:
    page.goto(f"/jobs/{taught}")
    check(page)
    page.get_by_role("link", name="All about the model").click()
    page.get_by_role("region", name="What is taken for what").focus()  # it scrolls
    page.keyboard.press("Tab")
    expect(page.locator(".matrix a").first).to_be_focused()
    to_the_mistake(page)
    picture = page.locator(".judged img")
    assert picture.evaluate("(each) => each.decode().then(() => each.naturalWidth)") == 200
    page.get_by_label("What it was named").select_option("class 01")
    page.get_by_label("What it is").select_option("class 01")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("class 01, named rightly")


def test_without_scripts(plain_page: Page, taught: str) -> None:
    plain_page.goto(f"/models/{NAME}")
    to_the_mistake(plain_page)


@pytest.mark.parametrize(("theme", "locale"), [("light", "en-GB"), ("dark", "es-ES")])
def test_everybody_can_use_it(
    new_context: NewContext, taught: str, theme: str, locale: str
) -> None:
    page = new_context(color_scheme=theme, locale=locale).new_page()
    for address in ("", "/photographs", "/photographs?truth=class+02&named=class+00"):
        page.goto(f"/models/{NAME}{address}")
        check(page)
    page.goto("/models/wildlife/photographs")
    check(page)
