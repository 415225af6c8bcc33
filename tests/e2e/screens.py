"""Pictures of every page and state, for looking at: `python -m tests.e2e.screens FOLDER [NAME…]`.

Starts the real thing, paints, names and teaches a little, then visits each page wide and narrow,
light and dark. States that pass too quickly are put into the ledger, as the tests do.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from app.samples import FOLDER
from tests.e2e.browser import find_browser
from tests.e2e.conftest import (
    ARGUMENTS,
    Stack,
    Stage,
    clean_environ,
    free_port,
    pages_alone,
    running_stack,
    staging,
)
from tests.e2e.test_training import archive_in
from workers.artifacts import FolderStore
from workers.embedded import private_valkey
from workers.jobs import Job
from workers.keys import Keys
from workers.ledger import Ledger
from workers.store import connect

SIZES = {"desktop": (1280, 900, 1), "phone": (390, 844, 1.25)}
"""Width and height in CSS pixels, and pixels a CSS pixel."""
HIGHEST = 1700
"""Pixels; what is below is cut off."""
QUALITY = 48
"""Of the files: the whole set is some 6 MB."""
PATIENCE = 300.0
PAIRS = (
    ("nautilus", "peacock"), ("rocket", "waves"), ("coffee", "poppies"),
    ("textile-cone", "rose-window"), ("chelsea", "night-over-the-lake"),
)  # fmt: skip
QUEUE_LIMIT = 12
EXAMPLES = FOLDER.parent / "examples"


@dataclass(frozen=True)
class Studio:
    """The stack with what was made on it: ids by what they show."""

    stack: Stack
    made: dict[str, str]


Visit = Callable[[Page, Studio, Stage], None]


def at(address: str) -> Visit:
    """Goes to an address, in which {names} stand for what was made."""
    return lambda page, studio, stage: opened(page, address.format(**studio.made))


def opened(page: Page, address: str) -> None:
    page.goto(address, wait_until="load")


def in_state(state: str) -> Visit:
    def visit(page: Page, studio: Studio, stage: Stage) -> None:
        opened(page, f"/jobs/{dressed(studio.stack, stage(state)).id}")
        page.wait_for_timeout(700)  # the chart is drawn by a script

    return visit


def dressed(stack: Stack, job: Job) -> Job:
    """The staged job with the pictures of the first page's example."""
    pictures = {
        "content": FOLDER / "content" / "chelsea.jpg",
        "style-0": FOLDER / "style" / "night-over-the-lake.jpg",
        "preview": EXAMPLES / "painted.jpg",
    }
    for name, path in pictures.items():
        stack.store.write(f"{job.folder}/{name}.jpg", path.read_bytes())
    return job


def filled_form(page: Page, studio: Studio, stage: Stage) -> None:
    opened(page, "/art?content_sample=chelsea&style_sample=night-over-the-lake")
    page.locator("details.more summary").first.click()


def complaint(page: Page, studio: Studio, stage: Stage) -> None:
    opened(page, "/art")
    page.locator("#art [type=submit]").click()
    page.locator("#content-error:not(:empty)").wait_for()


def lost_connection(page: Page, studio: Studio, stage: Stage) -> None:
    opened(page, "/art?content_sample=chelsea&style_sample=waves")
    page.context.set_offline(True)
    page.locator("#art [type=submit]").click()
    page.locator(".notice:not([hidden])").wait_for()
    page.context.set_offline(False)


def full_queue(page: Page, studio: Studio, stage: Stage) -> None:
    for _ in range(QUEUE_LIMIT):
        stage("queued")
    opened(page, "/art?content_sample=chelsea&style_sample=waves")
    page.locator("#art [type=submit]").click()
    page.locator(".notice:not([hidden])").wait_for()


def chosen(page: Page, studio: Studio, stage: Stage) -> None:
    opened(page, "/jobs")
    for number in (1, 2):
        page.locator(".pick").nth(number).check()


def no_net(page: Page, studio: Studio, stage: Stage) -> None:
    opened(page, "/models")
    page.context.set_offline(True)
    page.locator("[data-lost]").wait_for()


def refused_key(page: Page, studio: Studio, stage: Stage) -> None:
    opened(page, "/sign-in")
    page.locator("#key").fill("merian_not-a-key")
    page.locator("main [type=submit], .door .primary").first.click()
    page.locator("#key-error:not(:empty)").wait_for()


def forbidden(page: Page, studio: Studio, stage: Stage) -> None:
    opened(page, "/sign-in?next=/art")
    page.locator("#key").fill(studio.made["key"])
    page.keyboard.press("Enter")
    page.locator(".failure").wait_for()


def strengths(page: Page, studio: Studio, stage: Stage) -> None:
    opened(page, studio.made["strengths"])


def link(page: Page, studio: Studio, stage: Stage) -> None:
    opened(page, f"/jobs/{studio.made['painting']}")
    for each in page.locator("#sharing summary").all():  # it has been shared before
        if not page.locator("#sharing [name=photographs]").is_visible():
            each.click()
    page.locator("#sharing [name=photographs]").check()
    page.locator("#sharing form:has([name=photographs]) button").click()
    page.locator("#link").wait_for()


def shared(page: Page, studio: Studio, stage: Stage) -> None:
    link(page, studio, stage)
    opened(page, page.locator("#link").input_value())


EMPTY: dict[str, Visit] = {"home-new": at("/"), "pictures-empty": at("/jobs")}
"""Before anything was made."""
SCREENS: dict[str, Visit] = {
    "home": at("/"),
    "art": at("/art"),
    "art-filled": filled_form,
    "art-complaint": complaint,
    "art-offline": lost_connection,
    "art-queue-full": full_queue,
    "art-repaint": at("/art?like={painting}"),
    "strengths": strengths,
    **{f"job-{state}": in_state(state) for state in ("queued", "running", "failed", "cancelled")},
    "job-done": at("/jobs/{painting}"),
    "link": link,
    "shared": shared,
    "link-ended": at("/shared/there-is-none"),
    "species": at("/species?image_sample=chelsea"),
    "answer": at("/jobs/{named}"),
    "no-answer": at("/jobs/{unnamed}"),
    "models": at("/models?q=felis"),
    "model": at("/models/wildlife?q=felidae"),
    "training": at("/training"),
    "data-set": at("/jobs/{dataset}"),
    "trained": at("/jobs/{training}"),
    "own-model": at("/models/shapes"),
    "photographs": at("/models/shapes/photographs"),
    "pictures": at("/jobs"),
    "pictures-chosen": chosen,
    "pictures-none": at("/jobs?state=failed"),
    "offline": no_net,
    "not-found": at("/jobs/there-is-none"),
}
PRIVATE: dict[str, Visit] = {
    "sign-in": at("/sign-in"),
    "sign-in-refused": refused_key,
    "forbidden": forbidden,
}
"""Where nobody is let in without a key."""
BROKEN: dict[str, Visit] = {"store-down": at("/jobs")}
SPANISH = ("home", "art", "job-done", "answer", "pictures")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("names", nargs="*", help="only these screens")
    given = asked.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as data,
        running_stack(Path(data), MERIAN_QUEUE_LIMIT=str(QUEUE_LIMIT)) as stack,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        studio = Studio(stack, {})
        shoot(browser, studio, EMPTY, given.folder, given.names)
        studio = replace(studio, made=filled(stack, Path(data)))
        shoot(browser, studio, SCREENS, given.folder, given.names)
        with private(Path(data)) as studio:
            shoot(browser, studio, PRIVATE, given.folder, given.names)
        with broken(Path(data)) as studio:
            shoot(browser, studio, BROKEN, given.folder, given.names)
        browser.close()
    return 0


@contextmanager
def private(data: Path) -> Iterator[Studio]:
    """A Merian with keys, and one that may only look."""
    with private_valkey(data / "private") as redis_url:
        ours = {"MERIAN_REDIS_URL": redis_url, "MERIAN_OWNER_MODE": "private"}
        redis = connect(redis_url)
        _, key = Keys.at(redis).new("visitor", ("read",))
        with pages_alone(
            clean_environ() | ours | {"MERIAN_DATA": str(data)}, data / "web.log"
        ) as at:
            yield Studio(Stack(at, Ledger(redis), FolderStore(data / "artifacts")), {"key": key})


@contextmanager
def broken(data: Path) -> Iterator[Studio]:
    """One whose store is away."""
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    ours = {"MERIAN_REDIS_URL": nobody, "MERIAN_DATA": str(data)}
    with pages_alone(clean_environ() | ours, data / "web.log") as at:
        yield Studio(Stack(at, Ledger(connect(nobody)), FolderStore(data / "artifacts")), {})


def filled(stack: Stack, data: Path) -> dict[str, str]:
    """Paints, names and teaches, all with samples; what came of it, by name."""
    with httpx.Client(base_url=f"{stack.address}/api/v1", timeout=60) as api:
        named = hand_in(api, "/species", {"image_sample": "chelsea", "boxes": "true"})
        unnamed = hand_in(api, "/species", {"image_sample": "coffee"})
        archive = {"archive": archive_in(data, 40).open("rb")}
        dataset = hand_in(api, "/datasets", {"title": "Shapes"}, archive)
        finished(stack, dataset)
        lesson = {"dataset": dataset, "name": "shapes", "mode": "head"}
        training = hand_in(api, "/training", lesson)
        paintings = [
            hand_in(api, "/art", {"content_sample": photograph, "style_sample": style, "size": 384})
            for photograph, style in PAIRS
        ]
        drafts = [
            hand_in(
                api, "/art",
                {"content_sample": "nautilus", "style_sample": "waves", "size": 256,
                 "quality": "draft", "strength": strength},
            )
            for strength in (0.25, 0.5, 0.75, 1.0)
        ]  # fmt: skip
    for id in (named, unnamed, training, *paintings, *drafts):
        finished(stack, id)
    query = "&".join(f"job={id}" for id in drafts)
    return {
        "named": named, "unnamed": unnamed, "dataset": dataset, "training": training,
        "painting": paintings[-1], "strengths": f"/art/strengths?{query}",
    }  # fmt: skip


def hand_in(api: httpx.Client, address: str, entries: dict[str, Any], files: Any = None) -> str:
    """The id of the new job."""
    form = {name: (None, str(value)) for name, value in entries.items()} | (files or {})
    answer = api.post(address, files=form)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def finished(stack: Stack, id: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not (job := stack.ledger.get(id)).state.over:
        assert time.monotonic() < deadline, f"{job.kind} takes too long"
        time.sleep(0.5)
    assert job.state == "succeeded", job.error


def shoot(
    browser: Browser, studio: Studio, screens: dict[str, Visit], folder: Path, names: list[str]
) -> None:
    for name, visit in screens.items():
        if names and name not in names:
            continue
        looks = [(size, theme, "en-GB") for size in SIZES for theme in ("light", "dark")]
        if name in SPANISH:
            looks.append(("phone", "light", "es-ES"))
        for size, theme, locale in looks:
            language = "" if locale.startswith("en") else "-spanish"
            with (
                window(browser, studio.stack, size, theme, locale) as page,
                staging(studio.stack) as stage,
            ):
                visit(page, studio, stage)
                keep(page, folder / f"{name}-{size}-{theme}{language}.webp")


@contextmanager
def window(browser: Browser, stack: Stack, size: str, theme: str, locale: str) -> Iterator[Page]:
    width, height, dense = SIZES[size]
    context = browser.new_context(
        base_url=stack.address, locale=locale, viewport={"width": width, "height": height},
        color_scheme=theme, reduced_motion="reduce", device_scale_factor=dense,  # type: ignore[arg-type]
        has_touch=size == "phone",
    )  # fmt: skip
    yield context.new_page()
    context.close()


def keep(page: Page, path: Path) -> None:
    """The page, with the pictures on it, as a small file."""
    page.evaluate("""() => Promise.allSettled([...document.images].map((picture) => {
      picture.loading = "eager";
      return picture.decode();
    }))""")
    page.wait_for_timeout(300)
    # What sticks to the window's edge would lie across a picture of the whole page.
    whole = not page.locator(".chosen:visible, .lost:visible").count()
    with Image.open(BytesIO(page.screenshot(full_page=whole))) as picture:
        picture = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, HIGHEST)))
        picture.save(path, "WEBP", quality=QUALITY, method=6)
    print(f"{path.name}  {path.stat().st_size >> 10} KiB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
