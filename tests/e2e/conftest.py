"""A real Chromium on the real thing: `merian up` with its workers, one for all tests here.

`page` and `plain_page` (no JavaScript) are new browsers each time. `staged` puts jobs straight
into the ledger, for states that are hard to meet in time.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app.samples import read_samples
from tests.app.conftest import listening
from tests.e2e.browser import find_browser
from workers.artifacts import FolderStore
from workers.embedded import private_valkey
from workers.holders import Holder
from workers.jobs import Failure, Job, Progress
from workers.ledger import Attempt, Ledger
from workers.store import connect

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SECONDS_TO_START = 90
OPTIONS = {"size": 128, "strength": 0.5, "painter": "light", "smoothness": 0.5, "seed": 0}
QUEUE_LIMIT = 20
"""Few enough to fill the queue in a test."""
LOSSES = {"content": 0.4, "style": 0.2, "smoothness": 0.01, "total": 0.61}


SEEN = {"name": "image-0", "width": 600, "height": 400}
CAT = {
    "name": "domestic cat", "scientific_name": "Felis catus", "rank": "species",
    "probability": 0.97, "names": {"en": "domestic cat", "es": "gato doméstico"}, "lineage": {},
    "links": {"gbif": "https://www.gbif.org/species/search?q=Felis%20catus"},
}  # fmt: skip
FAMILY = CAT | {"name": "Felidae", "scientific_name": "Felidae", "rank": "family", "names": {}}
BOX = {"image": "image-0", "left": 90, "top": 20, "width": 220, "height": 300}
NAMED = {
    "model": "wildlife", "rejected": False, "reason": "", "alive": 0.99, "seconds": 0.2,
    "answers": [CAT, CAT | {"scientific_name": "Lynx", "rank": "genus", "probability": 0.004}],
    "rollup": CAT, "path": [FAMILY, CAT], "prediction_set": ["Felis catus", "Lynx"],
    "boxes": [BOX | {"answers": [CAT], "rollup": CAT}],
}  # fmt: skip
ANSWERS = {"named": NAMED, "rejected": NAMED | {"rejected": True, "reason": "unsure", "boxes": []}}
"""What the worker said, of a species job."""


@dataclass(frozen=True)
class Stack:
    """Where the pages are, and the ledger and the files behind them."""

    address: str
    ledger: Ledger
    store: FolderStore


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    data = tmp_path_factory.mktemp("stack")
    with running_stack(data, MERIAN_QUEUE_LIMIT=str(QUEUE_LIMIT)) as stack:
        yield stack


@contextmanager
def running_stack(data: Path, **settings: str) -> Iterator[Stack]:
    """`merian up` on a free port, with these settings."""
    port = free_port()
    # A server of our own, so that tests that empty theirs and workers here never meet.
    with private_valkey(data / "queue") as redis_url:
        ours = {"MERIAN_DATA": str(data), "MERIAN_REDIS_URL": redis_url} | settings
        command = [sys.executable, "-m", "commands.main", "up", "--port", str(port)]
        with (data / "up.log").open("wb") as log:
            process = subprocess.Popen(command, env=clean_environ() | ours, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_ready(address, process, data / "up.log")
            yield Stack(address, Ledger(connect(redis_url)), FolderStore(data / "artifacts"))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


@contextmanager
def pages_alone(environ: dict[str, str], log: Path) -> Iterator[str]:
    """The address of a web process without workers, with these settings."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn", "app:create_app()", "--worker-class", "gevent",
                "--workers", "1", "--bind", "127.0.0.1:0", "--no-control-socket",
                "--graceful-timeout", "1",
            ],
            env=environ | {"MERIAN_SECRET_KEY": "only for tests"}, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        yield listening(log)
    finally:
        process.terminate()
        process.wait(20)


def clean_environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MERIAN_")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until pages, store and workers are there."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/readyz", timeout=5).close()
            return
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"merian up does not answer: {log.read_text()}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


NewContext = Callable[..., BrowserContext]


@pytest.fixture
def new_context(chromium: Browser, stack: Stack) -> Iterator[NewContext]:
    """Makes a browser with nothing in it; English and 1280 px wide unless the test says else."""
    made: list[BrowserContext] = []

    def make(**how: object) -> BrowserContext:
        window = {"width": 1280, "height": 900}
        settings = {"base_url": stack.address, "locale": "en-GB", "viewport": window} | how
        made.append(chromium.new_context(**settings))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for context in made:
        context.close()


@pytest.fixture
def page(new_context: NewContext) -> Iterator[Page]:
    """A page whose scripts must not fail."""
    page = new_context().new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


@pytest.fixture
def plain_page(new_context: NewContext) -> Page:
    """A page without JavaScript."""
    return new_context(java_script_enabled=False).new_page()


Stage = Callable[[str], Job]


@pytest.fixture
def staged(stack: Stack) -> Iterator[Stage]:
    """Makes a job in the state that is asked for; no message wakes a worker for it."""
    with staging(stack) as stage:
        yield stage


@contextmanager
def staging(stack: Stack) -> Iterator[Stage]:
    """What is made in the block goes with it."""
    made: list[Job] = []

    def stage(state: str) -> Job:
        species = state in ANSWERS
        kind, names = ("species", ("image-0",)) if species else ("art", ("content", "style-0"))
        options = {"model": "wildlife", "top_k": 5, "boxes": True} if species else OPTIONS
        job = Job(owner="local", kind=kind, options=options, inputs={})
        job = replace(job, inputs={name: f"{job.folder}/{name}.jpg" for name in names})
        keep_pictures(stack.store, job)
        made.append(stack.ledger.create(job, limit=100))
        if state != "queued":
            advance(stack.ledger, job, state)
        return stack.ledger.get(job.id)

    try:
        yield stage
    finally:
        for job in made:
            stack.ledger.delete(job.id)
            stack.store.delete_prefix(job.folder)


def advance(ledger: Ledger, job: Job, state: str) -> Attempt:
    """Take the waiting job as a worker does and bring it into the state."""
    attempt = ledger.take(job.id, str(Holder.here()))
    assert attempt
    preview = {"key": f"{job.folder}/preview.jpg", "width": 160, "height": 106, "version": 1}
    for step in (10, 20, 30):
        losses = {name: value * 10 / step for name, value in LOSSES.items()}
        scale = 64 if step < 20 else 128
        attempt.progress(Progress(step, 60, step / 60, "Painting", losses, scale), preview)
    if state == "failed":
        attempt.fail(Failure("internal", "Something went wrong that should not have. Try again."))
    elif state == "cancelled":
        ledger.cancel(job.id)
    elif state in ANSWERS:
        attempt.succeed(ANSWERS[state] | {"photographs": [SEEN | {"heatmap": preview["key"]}]})
    elif state == "succeeded":
        attempt.succeed(painted(job))
    return attempt


def painted(job: Job) -> dict[str, object]:
    """The result of a painting whose pictures `keep_pictures` wrote."""
    picture = {"key": f"{job.folder}/painting.png", "width": 160, "height": 106}
    return picture | {"media_type": "image/png", "seconds": 4.2}


def keep_pictures(store: FolderStore, job: Job) -> None:
    photograph, style = (read_samples()[name].path for name in ("coffee", "marbled-paper"))
    store.write(f"{job.folder}/content.jpg", photograph.read_bytes())
    store.write(f"{job.folder}/image-0.jpg", photograph.read_bytes())
    store.write(f"{job.folder}/style-0.jpg", style.read_bytes())
    with Image.open(style) as picture:
        painted = picture.resize((160, 106))
    store.write(f"{job.folder}/preview.jpg", lambda file: painted.save(file, "JPEG"))
    store.write(f"{job.folder}/painting.png", lambda file: painted.save(file, "PNG"))
