"""Several pictures chosen at once, in a real browser."""

import re
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.stack]


def test_choosing_and_downloading(page: Page, staged: Stage) -> None:
    jobs = [staged("succeeded") for _ in range(3)]
    page.goto("/jobs?kind=art&state=succeeded")
    bar = page.get_by_role("form", name="What to do with the chosen ones")
    expect(bar).to_be_hidden()
    page.locator(f'[value="{jobs[0].id}"]').focus()
    page.keyboard.press("Space")
    expect(bar.get_by_role("status")).to_have_text("1 chosen")
    bar.get_by_role("button", name="Choose all on this page").click()
    number = page.get_by_role("checkbox").count()
    expect(bar.get_by_role("status")).to_have_text(f"{number} chosen")
    with page.expect_download() as download:
        bar.get_by_role("button", name="Download").click()
    names = ZipFile(download.value.path()).namelist()
    assert len(names) == number
    assert {f"merian-{job.id[:8]}.png" for job in jobs} <= set(names)


def test_downloading_and_deleting_without_scripts(plain_page: Page, staged: Stage) -> None:
    page, jobs = plain_page, [staged("succeeded"), staged("named")]
    page.goto("/jobs")
    for job in jobs:
        page.locator(f'[value="{job.id}"]').check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert "names.csv" in ZipFile(download.value.path()).namelist()
    page.get_by_text("Delete …").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page).to_have_url(re.compile("/jobs$"))
    for job in jobs:
        expect(page.locator(f'[value="{job.id}"]')).to_have_count(0)
