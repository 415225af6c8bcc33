"""What looks for flaws finds them: else its silence would mean nothing."""

import pytest
from playwright.sync_api import Page

from tests.e2e.looking import flaws_for_axe, flaws_of_width

pytestmark = pytest.mark.browser

CUT = {
    "width: 3rem; white-space: nowrap; overflow: hidden": True,
    "width: 3rem; white-space: nowrap": True,
    "width: 5000px": True,
    "width: 3rem; overflow-x: auto; white-space: nowrap": False,
    "width: 10rem": False,
}


@pytest.mark.parametrize(("style", "wrong"), CUT.items())
def test_words_that_are_cut_off(page: Page, style: str, wrong: bool) -> None:
    page.set_content(f'<p style="{style}">Many words that want room</p>')
    assert bool(flaws_of_width(page)) is wrong


def test_a_select_that_is_too_narrow(page: Page) -> None:
    page.set_content('<select style="width: 4rem"><option>Much too long a word</select>')
    assert "does not fit its select" in flaws_of_width(page)[0]


def test_colours_of_the_other_theme(page: Page) -> None:
    page.set_content("""<html lang="en"><title>A</title><style>
      @media (prefers-color-scheme: dark) { body { background: #222; color: #444 } }
      </style><main><h1>Words</h1></main>""")
    assert [each.partition(":")[0] for each in flaws_for_axe(page)] == ["color-contrast"]
