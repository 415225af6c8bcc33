"""Painting as a job: take it, open the pictures, paint, show how it goes, keep the result."""

import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PIL import Image

from models.images import open_picture
from models.style.options import PaintOptions
from models.style.output import FORMATS, write_painting
from workers.artifacts import ArtifactStore, StoreFull
from workers.attempts import Attempt
from workers.celery import celery
from workers.checkpoints import StoredCheckpoints, forget_if_over
from workers.jobs import Job, Progress
from workers.previews import EVERY_SECONDS, Previews
from workers.run import running
from workers.taking import take
from workers.workshop import workshop

if TYPE_CHECKING:
    from models.style.engine import Step
    from models.style.painters import Painter


@celery.task(name="workers.tasks.art.paint")  # type: ignore[untyped-decorator]
def paint(id: str) -> None:
    """One message: paint the job if it still waits."""
    shop = workshop()
    if attempt := take(shop, id):
        with running(attempt, shop.store):
            attempt.succeed(painting(attempt))
    forget_if_over(shop.ledger, shop.store, id)


def painting(attempt: Attempt) -> dict[str, Any]:
    """Paint the attempt's job and store the picture; what the ledger keeps as its result."""
    started = time.monotonic()
    job, store = attempt.job, workshop().store
    options = PaintOptions.parse(job.options)
    painter = ready_painter(attempt, options.painter)
    content, styles, masks = pictures(job, options)
    previews = Previews(attempt, store)
    checkpoints = StoredCheckpoints(attempt, store)
    steps = painter.paint(content, styles, options, masks, memory(), checkpoints)
    step = watch(steps, previews)
    attempt.progress(progress_of(step, "Saving"))
    try:
        about = kept(step, options, attempt.folder, store)
    except StoreFull:
        checkpoints.remove()  # the painting itself comes first
        about = kept(step, options, attempt.folder, store)
    return {
        **about, "width": step.width, "height": step.height,
        "seconds": round(checkpoints.before + time.monotonic() - started, 3),
    } | previews.account() | checkpoints.account()  # fmt: skip


def kept(step: "Step", options: PaintOptions, folder: str, store: ArtifactStore) -> dict[str, Any]:
    """Store the painting as a file; of a TIFF also a PNG, which browsers can show."""
    kind = FORMATS[options.format]
    key = f"{folder}/painting{kind.endings[0]}"
    store.write(key, lambda file: write_painting(step, options, file))
    about = {"key": key, "media_type": kind.media_type}
    if kind.pillow == "TIFF":
        about["shown"] = f"{folder}/shown.png"
        plain = replace(options, format="png")
        store.write(about["shown"], lambda file: write_painting(step, plain, file))
    return about


def ready_painter(attempt: Attempt, name: str) -> "Painter":
    """The painter, warm or loaded now; a download is told as it goes on."""
    # Here and not above: this loads torch, and the parent process, which imports this module
    # only to know the task's name, does without.
    from workers.loaded import painter

    told = 0.0

    def tell(file: str, done: int, total: int) -> None:
        nonlocal told
        attempt.check()
        if time.monotonic() - told > EVERY_SECONDS:
            told = time.monotonic()
            attempt.progress(Progress(done >> 20, total >> 20, 0.0, "Fetching the painter"))

    return painter(name, tell)


def memory() -> int:
    """Bytes that a painting may take on the device."""
    from models.devices import memory_for
    from workers.loaded import device

    return memory_for(device(), workshop().settings.memory_mb)


def pictures(
    job: Job, options: PaintOptions
) -> tuple[Image.Image, list[Image.Image], list[Image.Image]]:
    """The photograph, the paintings and the masks, in order.

    Raises `PictureError`, `ArtifactMissing`.
    """
    store = workshop().store
    found: dict[str, list[Image.Image]] = {"content": [], "style": [], "mask": []}
    for name, key in job.inputs.items():
        role = name.partition("-")[0]
        side = options.style_size if role == "style" else options.size
        found[role].append(open_picture(store.path(key), longer_side=side))
    return found["content"][0], found["style"], found["mask"]


def watch(steps: "Generator[Step, None, None]", previews: Previews) -> "Step":
    """Let it paint, showing how it goes; the last step. Leaving early ends the painting."""
    with closing(steps):
        for step in steps:
            previews.follow(progress_of(step, "Painting"), step.picture)
    return step


def progress_of(step: "Step", message: str) -> Progress:
    losses = {name: float(f"{loss:.6g}") for name, loss in step.losses.items()}  # kept many times
    scale = max(step.width, step.height)
    return Progress(step.step, step.steps, step.fraction, message, losses, scale)
