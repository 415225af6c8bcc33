"""A private Merian in a real browser: in with a key, out again, nothing seen before or after."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import pages_alone
from tests.e2e.looking import flaws
from workers.keys import SCOPES, Keys
from workers.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.stack]


@pytest.fixture
def address(worker_environ: dict[str, str], tmp_path: Path) -> Iterator[str]:
    private = {"MERIAN_OWNER_MODE": "private"}
    with pages_alone(worker_environ | private, tmp_path / "web.log") as address:
        yield address


def test_in_with_a_key_and_out_again(chromium: Browser, address: str, redis: Store) -> None:
    _, text = Keys.at(redis).new("ann", SCOPES)
    context = chromium.new_context(base_url=address, locale="es-ES", color_scheme="dark",
                                   viewport={"width": 320, "height": 640})  # fmt: skip
    page = context.new_page()
    page.goto("/models?q=danaus")
    expect(page.get_by_role("heading", name="Entrar")).to_be_visible()
    page.get_by_label("Tu clave").fill("merian_wrong")
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_text("La clave no se conoce")).to_be_visible()
    assert flaws(page) == []
    page.get_by_label("Tu clave").fill(text)
    page.keyboard.press("Enter")
    page.wait_for_url("**/models?q=danaus")
    page.get_by_role("button", name="Salir").click()
    page.wait_for_url("**/sign-in")
    page.goto("/jobs")
    expect(page.get_by_role("heading", name="Entrar")).to_be_visible()
    context.close()


def test_a_key_that_does_not_allow_it(chromium: Browser, address: str, redis: Store) -> None:
    _, text = Keys.at(redis).new("bob", ("read",))
    for locale, words in (
        ("en-GB", "The key does not allow this."),
        ("es-ES", "no permite hacer esto"),
    ):
        context = chromium.new_context(base_url=address, locale=locale)
        page = context.new_page()
        page.goto("/art")
        assert flaws(page) == []
        page.locator("#key").fill(text)
        page.keyboard.press("Enter")
        page.wait_for_url("**/art")
        expect(page.get_by_role("heading", level=1)).to_contain_text(words)
        assert flaws(page) == []
        context.close()
