"""A private Merian in a real browser: in with a key, out again, nothing seen before or after."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.app.conftest import listening
from workers.keys import SCOPES, Keys
from workers.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.stack]


@pytest.fixture
def address(worker_environ: dict[str, str], tmp_path: Path) -> Iterator[str]:
    log = tmp_path / "web.log"
    private = {"MERIAN_OWNER_MODE": "private", "MERIAN_SECRET_KEY": "only for tests"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn", "app:create_app()", "--worker-class", "gevent",
                "--workers", "1", "--bind", "127.0.0.1:0", "--no-control-socket",
                "--graceful-timeout", "1",
            ],
            env=worker_environ | private, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        yield listening(log)
    finally:
        process.terminate()
        process.wait(20)


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
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_label("Tu clave").fill(text)
    page.keyboard.press("Enter")
    page.wait_for_url("**/models?q=danaus")
    page.get_by_role("button", name="Salir").click()
    page.wait_for_url("**/sign-in")
    page.goto("/jobs")
    expect(page.get_by_role("heading", name="Entrar")).to_be_visible()
    context.close()
