"""How soon a page can be seen: `python -m benchmarks.pages`.

On the real thing: `merian up` in a process of its own, and a Chromium with nothing in its cache.
First contentful paint is the browser's own figure, from the click to the first words or pictures.
"""

import json
import os
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import click
import httpx
from playwright.sync_api import Browser, sync_playwright

from benchmarks.choices import FILE
from benchmarks.naming_speed import studio
from benchmarks.tables import table
from tests.e2e.browser import find_browser
from tests.e2e.conftest import ARGUMENTS

PAGES = {
    "home": "/",
    "art": "/art",
    "species": "/species",
    "training": "/training",
    "models": "/models",
    "model": "/models/wildlife",
    "my pictures": "/jobs",
    "painting, done": "/jobs/{painting}",
    "answer": "/jobs/{named}",
    "strengths": "/art/strengths?job={painting}",
    "not found": "/nowhere",
}
PAINT = """() => new Promise((told) => new PerformanceObserver((seen) => {
  for (const each of seen.getEntries()) if (each.name === "first-contentful-paint") told({
    paint: each.startTime,
    answer: performance.getEntriesByType("navigation")[0].responseStart,
  });
}).observe({ type: "paint", buffered: true }))"""


@click.command()
@click.option("--times", default=7, show_default=True, help="How often each page is opened.")
@click.option("--json", "output", type=FILE, help="Write the figures here.")
def main(times: int, output: Path | None) -> None:
    """Open every page several times, each time as a new visitor."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        environ = {name: text for name, text in os.environ.items() if name[:7] != "MERIAN_"}
        with studio(environ | {"MERIAN_DATA": folder}) as address:
            made = furnish(address)
            figures = {
                name: measure(browser, address + path.format(**made), times)
                for name, path in PAGES.items()
            }
    rows = [
        (name, *(str(f[each]) for each in ("first", "worst", "next", "answer")))
        for name, f in figures.items()
    ]
    head = (
        "page",
        "first paint, a new visitor (ms)",
        "worst",
        "after another page",
        "answer begins",
    )
    click.echo(table(head, rows))
    if output:
        output.write_text(json.dumps(figures, indent=1) + "\n")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        yield browser
        browser.close()


def furnish(address: str) -> dict[str, str]:
    """Ids of a painting and a naming that are finished, by name."""
    with httpx.Client(base_url=f"{address}/api/v1", timeout=60) as api:
        painting = {"content_sample": "chelsea", "style_sample": "waves", "size": "128"}
        return {
            "painting": hand_in(api, "/art", painting),
            "named": hand_in(api, "/species", {"image_sample": "chelsea"}),
        }


def hand_in(api: httpx.Client, path: str, entries: dict[str, str]) -> str:
    """The id of the job, once it is finished."""
    answer = api.post(path, files={name: (None, value) for name, value in entries.items()})
    id = str(answer.raise_for_status().json()["id"])
    with api.stream("GET", f"/jobs/{id}/events") as events:  # which end with the job
        for _ in events.iter_lines():
            pass
    return id


def measure(browser: Browser, address: str, times: int) -> dict[str, Any]:
    """Milliseconds of `times` visits, without those of one before."""
    seen = [visit(browser, address) for _ in range(times + 1)][1:]
    return {
        "first": round(statistics.median(each["first"] for each in seen)),
        "next": round(statistics.median(each["next"] for each in seen)),
        "worst": round(max(each["first"] for each in seen)),
        "answer": round(statistics.median(each["answer"] for each in seen)),
    }


def visit(browser: Browser, address: str) -> dict[str, float]:
    """As a new visitor's first page, for which the browser starts a process; then as the next."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address)
    first = page.evaluate(PAINT)
    page.goto(urljoin(address, "/nowhere"))
    page.goto(address)
    again = page.evaluate(PAINT)
    context.close()
    return {"first": first["paint"], "next": again["paint"], "answer": first["answer"]}


if __name__ == "__main__":
    main()
