"""The way to every page and state that a person can meet, for the tests that look at all of them.

What is taught has visits of its own, in `test_training.py`: it must be taught first.
"""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.e2e.conftest import QUEUE_LIMIT, Stage

Visit = Callable[[Page, Stage], None]
STATES = ("queued", "running", "succeeded", "failed", "cancelled")


def visit_home(page: Page, stage: Stage) -> None:
    stage("succeeded")
    page.goto("/")


def visit_art(page: Page, stage: Stage) -> None:
    page.goto("/art")


def visit_filled_form(page: Page, stage: Stage) -> None:
    page.goto("/art")
    page.locator("input[name=content_sample]").nth(1).check()
    page.locator("summary").first.click()


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


def visit_full_queue(page: Page, stage: Stage) -> None:
    for _ in range(QUEUE_LIMIT):
        stage("queued")
    page.goto("/art?content_sample=chelsea&style_sample=waves")
    page.locator("#art [type=submit]").click()
    page.locator(".notice", has_text="30").wait_for()


def visit_offline(page: Page, stage: Stage) -> None:
    page.goto("/models")
    page.context.set_offline(True)
    page.locator("[data-lost]").wait_for()


def visit_state(state: str) -> Visit:
    def visit(page: Page, stage: Stage) -> None:
        page.goto(f"/jobs/{stage(state).id}")
        if state != "queued":
            page.locator("[data-curves] .curve").first.wait_for()

    return visit


def visit_deletion(page: Page, stage: Stage) -> None:
    page.goto(f"/jobs/{stage('succeeded').id}")
    page.locator("summary").first.click()


def visit_pictures(page: Page, stage: Stage) -> None:
    for state in (*STATES, "named"):
        stage(state)
    page.goto("/jobs")
    page.get_by_role("checkbox").first.check()
    page.locator("summary").first.click()


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


def visit_training(page: Page, stage: Stage) -> None:
    page.goto("/training")


def visit_models(page: Page, stage: Stage) -> None:
    page.goto("/models?q=danaus")


def visit_model(page: Page, stage: Stage) -> None:
    page.goto("/models/wildlife?q=lepidoptera")


def visit_nothing(page: Page, stage: Stage) -> None:
    page.goto("/jobs/there-is-none")


def visit_ended(page: Page, stage: Stage) -> None:
    """Without waiting for what scripts add."""
    page.goto(f"/jobs/{stage('succeeded').id}")


VISITS: dict[str, Visit] = {
    "home": visit_home,
    "art": visit_art,
    "filled-form": visit_filled_form,
    "repainting": visit_repainting,
    "strengths": visit_strengths,
    "complaint": visit_complaint,
    "lost-connection": visit_lost_connection,
    "full-queue": visit_full_queue,
    "offline": visit_offline,
    **{state: visit_state(state) for state in STATES},
    "deletion": visit_deletion,
    "pictures": visit_pictures,
    "filtered-pictures": visit_filtered,
    "species": visit_species,
    "answer": visit_answer,
    "rejection": visit_rejection,
    "training": visit_training,
    "models": visit_models,
    "model": visit_model,
    "not-found": visit_nothing,
}
