"""Everybody can use the pages: axe finds nothing on any page and state, in both themes and
languages, and no word is cut off from the narrowest screen to the widest."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import NewContext, Stage
from tests.e2e.looking import flaws
from tests.e2e.visits import VISITS, visit_art, visit_ended

pytestmark = [pytest.mark.browser, pytest.mark.stack]


@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
@pytest.mark.parametrize("name", VISITS)
def test_every_page_and_state(
    new_context: NewContext, staged: Stage, name: str, locale: str
) -> None:
    page = new_context(locale=locale).new_page()
    VISITS[name](page, staged)
    assert flaws(page) == []


def test_axe_without_scripts(new_context: NewContext, staged: Stage) -> None:
    """axe is a script itself, so our own are kept away by refusing their files."""
    page = new_context().new_page()
    page.route("**/static/js/**", lambda route: route.abort())
    for visit in (visit_art, visit_ended):
        visit(page, staged)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
