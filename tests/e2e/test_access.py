"""Everybody can use the pages: axe finds nothing on any page and state, in both themes and
languages, and nothing is wider than the narrowest screen."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.conftest import NewContext, Stage

pytestmark = [pytest.mark.browser, pytest.mark.stack]

STATES = ("queued", "running", "succeeded", "failed", "cancelled")
LOOKS = [("light", "en-GB"), ("dark", "es-ES")]


def visit_home(page: Page, stage: Stage) -> None:
    stage("succeeded")
    page.goto("/")


def visit_art(page: Page, stage: Stage) -> None:
    page.goto("/art")


def visit_filled_form(page: Page, stage: Stage) -> None:
    page.goto("/art")
    page.locator("input[name=content_sample]").nth(1).check()
    page.locator("summary").click()


def visit_repainting(page: Page, stage: Stage) -> None:
    page.goto(f"/jobs/{stage('succeeded').id}")
    page.locator("form[action='/styles'] button").click()
    page.goto(f"/art?like={stage('succeeded').id}")


def visit_strengths(page: Page, stage: Stage) -> None:
    drafts = "&".join(f"job={stage(state).id}" for state in STATES)
    page.goto(f"/art/strengths?{drafts}")


def visit_complaint(page: Page, stage: Stage) -> None:
    page.goto("/art")
    page.locator("button[type=submit]").click()
    page.locator("#content-error:not(:empty)").wait_for()


def visit_lost_connection(page: Page, stage: Stage) -> None:
    page.goto("/art")
    page.context.set_offline(True)
    page.locator("button[type=submit]").click()
    page.locator(".notice:not([hidden])").wait_for()


def visit_state(state: str) -> Callable[[Page, Stage], None]:
    def visit(page: Page, stage: Stage) -> None:
        page.goto(f"/jobs/{stage(state).id}")
        if state != "queued":
            page.locator("[data-curves] .curve").first.wait_for()

    return visit


def visit_deletion(page: Page, stage: Stage) -> None:
    page.goto(f"/jobs/{stage('succeeded').id}")
    page.locator(".really summary").click()


def visit_link_told(page: Page, stage: Stage) -> None:
    page.goto(f"/jobs/{stage('succeeded').id}")
    page.locator(".formats summary").click()
    page.locator("#sharing [name=photographs]").check()
    page.locator("#sharing button").click()
    page.locator("#link").wait_for()


def visit_shared(state: str) -> Callable[[Page, Stage], None]:
    def visit(page: Page, stage: Stage) -> None:
        page.goto(f"/jobs/{stage(state).id}")
        page.locator("#sharing button").click()
        page.goto(page.locator("#link").input_value())

    return visit


def visit_ended_link(page: Page, stage: Stage) -> None:
    page.goto("/shared/there-is-none")


def visit_pictures(page: Page, stage: Stage) -> None:
    for state in (*STATES, "named"):
        stage(state)
    page.goto("/jobs")
    page.get_by_role("checkbox").first.check()
    page.locator("summary").click()


def visit_filtered(page: Page, stage: Stage) -> None:
    page.goto("/jobs?kind=training&notice=none")


def visit_species(page: Page, stage: Stage) -> None:
    page.goto("/species")
    page.locator("input[name=image_sample]").nth(1).check()


def visit_answer(page: Page, stage: Stage) -> None:
    page.goto(f"/jobs/{stage('named').id}")
    page.get_by_role("slider").fill("50")


def visit_rejection(page: Page, stage: Stage) -> None:
    page.goto(f"/jobs/{stage('rejected').id}")
    page.locator(".more summary").click()


def visit_models(page: Page, stage: Stage) -> None:
    page.goto("/models?q=danaus")


def visit_model(page: Page, stage: Stage) -> None:
    page.goto("/models/wildlife?q=lepidoptera")


def visit_nothing(page: Page, stage: Stage) -> None:
    page.goto("/jobs/there-is-none")


VISITS = {
    "home": visit_home,
    "art": visit_art,
    "filled-form": visit_filled_form,
    "repainting": visit_repainting,
    "strengths": visit_strengths,
    "complaint": visit_complaint,
    "lost-connection": visit_lost_connection,
    **{state: visit_state(state) for state in STATES},
    "deletion": visit_deletion,
    "link-told": visit_link_told,
    "shared-painting": visit_shared("succeeded"),
    "shared-naming": visit_shared("named"),
    "link-ended": visit_ended_link,
    "pictures": visit_pictures,
    "filtered-pictures": visit_filtered,
    "species": visit_species,
    "answer": visit_answer,
    "rejection": visit_rejection,
    "models": visit_models,
    "model": visit_model,
    "not-found": visit_nothing,
}


@pytest.mark.parametrize(("theme", "locale"), LOOKS)
@pytest.mark.parametrize("name", VISITS)
def test_every_page_and_state(
    new_context: NewContext, staged: Stage, name: str, theme: str, locale: str
) -> None:
    page = new_context(color_scheme=theme, locale=locale).new_page()
    VISITS[name](page, staged)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_axe_without_scripts(new_context: NewContext, staged: Stage) -> None:
    """axe is a script itself, so our own are kept away by refusing their files."""
    page = new_context().new_page()
    page.route("**/static/js/**", lambda route: route.abort())
    for visit in (visit_art, visit_state_without_chart):
        visit(page, staged)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def visit_state_without_chart(page: Page, stage: Stage) -> None:
    page.goto(f"/jobs/{stage('succeeded').id}")
