"""Pages of a Merian that is out of order say what to do, in both languages, and keep entries."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import clean_environ, free_port, pages_alone
from tests.e2e.looking import flaws

pytestmark = [pytest.mark.browser, pytest.mark.stack]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Pages whose store is away."""
    data = tmp_path_factory.mktemp("broken")
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    environ = clean_environ() | {"MERIAN_REDIS_URL": nobody, "MERIAN_DATA": str(data)}
    with pages_alone(environ, data / "web.log") as address:
        yield address


@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
def test_a_store_that_is_away(chromium: Browser, broken: str, locale: str) -> None:
    context = chromium.new_context(base_url=broken, locale=locale)
    page = context.new_page()
    answer = page.goto("/jobs")
    assert answer and answer.status == 503
    expect(page.locator("[data-again]")).to_be_visible()
    assert flaws(page) == []
    context.close()


def test_it_tries_again_by_itself(chromium: Browser, broken: str) -> None:
    context = chromium.new_context(base_url=broken, locale="en-GB")
    page = context.new_page()
    page.goto("/jobs")
    with page.expect_navigation(timeout=12_000):
        pass
    context.close()


def test_entries_outlive_it_in_the_form(chromium: Browser, broken: str) -> None:
    context = chromium.new_context(base_url=broken, locale="en-GB")
    page = context.new_page()
    fill_in(page)
    page.get_by_role("button", name="Create art!").click()
    expect(page.locator(".notice:visible")).to_contain_text("Try again in 5 seconds.")
    assert_kept(page)
    context.close()


def test_without_scripts_back_brings_the_entries(chromium: Browser, broken: str) -> None:
    context = chromium.new_context(base_url=broken, locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    fill_in(page)
    page.get_by_role("button", name="Create art!").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("store cannot be reached")
    page.go_back()
    assert_kept(page)
    context.close()


def fill_in(page: Page) -> None:
    page.goto("/art")
    page.get_by_role("radio", name="Chelsea the cat").check()
    page.get_by_role("radio", name="Marbled paper").check()
    page.get_by_label("Size").fill("192")


def assert_kept(page: Page) -> None:
    expect(page.get_by_label("Size")).to_have_value("192")
    for name in ("Chelsea the cat", "Marbled paper"):
        expect(page.get_by_role("radio", name=name)).to_be_checked()
