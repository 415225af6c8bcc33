"""Naming as a job: take those that wait, look at their photographs, keep what is to be said."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

from models.images import open_picture
from models.species.answers import Answer, answered, combined
from models.species.options import IdentifyOptions
from workers.attempts import Attempt
from workers.celery import celery
from workers.jobs import Progress
from workers.run import running
from workers.taking import take
from workers.workshop import workshop

if TYPE_CHECKING:
    from workers.loaded import Eye

TOGETHER = 8
"""Jobs that one message may take along: their photographs are looked at together."""
LONGER_SIDE = 1024
"""Pixels as which photographs are read: small specimens are looked for at this size."""


@celery.task(name="workers.tasks.species.identify")  # type: ignore[untyped-decorator]
def identify(id: str) -> None:
    """One message: name the job's species if it still waits, and those of others that wait.

    Their own messages will find nothing to do.
    """
    shop = workshop()
    others = [other for other in shop.ledger.waiting("quick", "species", TOGETHER) if other != id]
    found = (take(shop, each) for each in [id, *others[: TOGETHER - 1]])
    attempts = [attempt for attempt in found if attempt]
    if attempts:
        with ThreadPoolExecutor(len(attempts)) as threads:
            list(threads.map(answer, attempts))


def answer(attempt: Attempt) -> None:
    with running(attempt, workshop().store, brief=True):
        attempt.succeed(naming(attempt))


def naming(attempt: Attempt) -> dict[str, Any]:
    """Name what the attempt's photographs show; what the ledger keeps as its result."""
    # Here and not above: this loads torch, and the parent process, which imports this module
    # only to know the task's name, does without.
    from workers.loaded import eye

    started = time.monotonic()
    options = IdentifyOptions.parse(attempt.job.options)
    looking = eye(options.model)
    photographs = opened(attempt)
    seen = combined(looking.look([each.seen for each in photographs]))
    said = answered(looking.classifier.card, seen, options.top_k)
    found = [box for each in photographs for box in boxes(each, looking, options)]
    looks = [shown(attempt, each, looking, said) for each in photographs]
    attempt.progress(Progress(1, 1, 1.0, "Looking"))
    return {
        **said.record(), "boxes": found, "photographs": looks,
        "seconds": round(time.monotonic() - started, 3),
    }  # fmt: skip


@dataclass(frozen=True)
class Photograph:
    """`width` and `height` are its own; `seen` may be smaller."""

    name: str
    width: int
    height: int
    seen: Image.Image


def opened(attempt: Attempt) -> list[Photograph]:
    """Raises `PictureError`, `ArtifactMissing`."""
    store, found = workshop().store, []
    for name, key in attempt.job.inputs.items():
        with Image.open(store.path(key)) as file:
            size = file.size
        seen = open_picture(store.path(key), longer_side=LONGER_SIDE)
        found.append(Photograph(name, *size, seen))
    return found


def boxes(
    photograph: Photograph, looking: "Eye", options: IdentifyOptions
) -> Iterator[dict[str, Any]]:
    """The specimens in one photograph, in its own pixels; none where they were not asked for."""
    if options.boxes:
        for specimen in looking.specimens(photograph.seen, options.top_k):
            scale = photograph.width / photograph.seen.width
            yield {"image": photograph.name} | specimen.record(scale)


def shown(attempt: Attempt, photograph: Photograph, looking: "Eye", said: Answer) -> dict[str, Any]:
    """Store where the network looked; what pages need to show the photograph."""
    key = f"{attempt.folder}/heatmap-{photograph.name}.png"
    heat = looking.heatmap(photograph.seen, said.best)
    workshop().store.write(key, lambda file: heat.save(file, "PNG", compress_level=1))
    return {
        "name": photograph.name, "width": photograph.width, "height": photograph.height,
        "heatmap": key,
    }  # fmt: skip
