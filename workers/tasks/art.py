"""Painting as a job: take it, open the pictures, paint, show how it goes, keep the result."""

import time
from collections.abc import Generator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from PIL import Image

from models.colour_profiles import SRGB
from models.images import open_picture
from models.style.options import PaintOptions
from workers.celery import celery
from workers.holders import Holder
from workers.jobs import Attempt, Job, Progress
from workers.previews import EVERY_SECONDS, Previews
from workers.run import running
from workers.workshop import workshop

if TYPE_CHECKING:
    from models.style.engine import Step
    from models.style.painters import Painter


@celery.task(name="workers.tasks.art.paint")  # type: ignore[untyped-decorator]
def paint(id: str) -> None:
    """One message: paint the job if it still waits."""
    shop = workshop()
    if attempt := shop.ledger.take(id, str(Holder.here())):
        with running(attempt, shop.store):
            attempt.succeed(painting(attempt))


def painting(attempt: Attempt) -> dict[str, Any]:
    """Paint the attempt's job and store the picture; what the ledger keeps as its result."""
    started = time.monotonic()
    job, store = attempt.job, workshop().store
    options = PaintOptions.parse(job.options)
    painter = ready_painter(attempt, options.painter)
    content, styles = pictures(job, options.size)
    previews = Previews(attempt, store)
    step = watch(painter.paint(content, styles, options), previews)
    attempt.progress(progress_of(step, "Saving"))
    picture = step.picture()
    key = f"{attempt.folder}/painting.png"
    store.write(key, lambda file: picture.save(file, "PNG", icc_profile=SRGB))
    return {
        "key": key, "width": picture.width, "height": picture.height, "media_type": "image/png",
        "seconds": round(time.monotonic() - started, 3),
    } | previews.account()  # fmt: skip


def ready_painter(attempt: Attempt, name: str) -> "Painter":
    """The painter, warm or loaded now; a download is told as it goes on."""
    # Here and not above: this loads torch, and the parent process, which imports this module
    # only to know the task's name, does without.
    from workers.loaded import painters

    told = 0.0

    def tell(file: str, done: int, total: int) -> None:
        nonlocal told
        attempt.check()
        if time.monotonic() - told > EVERY_SECONDS:
            told = time.monotonic()
            attempt.progress(Progress(done >> 20, total >> 20, 0.0, "Fetching the painter"))

    return painters.get(name, tell)


def pictures(job: Job, size: int) -> tuple[Image.Image, list[Image.Image]]:
    """The photograph, and the paintings in order. Raises `PictureError`, `ArtifactMissing`."""
    store = workshop().store
    styles = [f"style-{number}" for number in range(len(job.inputs) - 1)]
    content, *rest = [
        open_picture(store.path(job.inputs[name]), longer_side=size)
        for name in ("content", *styles)
    ]
    return content, rest


def watch(steps: "Generator[Step, None, None]", previews: Previews) -> "Step":
    """Let it paint, showing how it goes; the last step. Leaving early ends the painting."""
    with closing(steps):
        for step in steps:
            previews.follow(progress_of(step, "Painting"), step.picture)
    return step


def progress_of(step: "Step", message: str) -> Progress:
    return Progress(step.step, step.steps, step.fraction, message, step.losses)
