"""Training as a job: take it, bring its photographs in, teach, show how it goes, serve it."""

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from models.training.dataset import DataSetError
from models.training.options import TrainOptions
from workers import corrections, judged
from workers.artifacts import ArtifactMissing, StoreFull
from workers.attempts import Attempt, Cancelled, JobGone
from workers.celery import celery
from workers.checkpoints import StoredCheckpoints, forget_if_over
from workers.jobs import Progress
from workers.ledger import JobNotFound
from workers.run import running
from workers.shared_models import publish
from workers.store import StoreDown
from workers.taking import take
from workers.tasks.datasets import archive_taken_in, forget_archive
from workers.workshop import workshop

if TYPE_CHECKING:
    from models.species.card import Card
    from models.training.course import Course
    from models.training.results import Step

log = logging.getLogger(__name__)

EVERY_SECONDS = 0.5
TAKING_IN = 0.05
"""Of the whole, what it counts to take in an archive."""


@celery.task(name="workers.tasks.training.train")  # type: ignore[untyped-decorator]
def train(id: str) -> None:
    """One message: train the job's model if it still waits."""
    shop = workshop()
    if attempt := take(shop, id):
        # Told to end, it ends by itself: what was learnt so far is still to be kept.
        with running(attempt, shop.store, brief=True):
            attempt.succeed(trained(attempt))
    forget_archive(id)
    forget_if_over(shop.ledger, shop.store, id)


def trained(attempt: Attempt) -> dict[str, Any]:
    """Teach the attempt's model and serve it; what the ledger keeps as its result."""
    started = time.monotonic()
    with lesson(attempt) as course:
        last = watch(course, attempt)
        attempt.progress(Progress(1, 1, 1.0, "Saving"), shown(last, attempt))
        card = keep(course, last, attempt)
    return {
        "model": card.name, "metrics": card.metrics, "report": course.report,
        "curves": [asdict(each) for each in last.curves],
        "measured_on": (card.training or {}).get("measured_on", ""),
        "seconds": round(time.monotonic() - started, 3),
    }  # fmt: skip


@contextmanager
def lesson(attempt: Attempt) -> "Iterator[Course]":
    """All that the training needs, its photographs on this disk."""
    # Here and not above: this loads torch, and the parent process, which imports this module
    # only to know the task's name, does without.
    from models.training.course import Course, Places
    from models.weights import Weights
    from workers.loaded import device, registry

    registry().refresh()  # a name may be taken, or a model taught again, that another host made
    settings, job = workshop().settings, attempt.job
    names = {each.name for each in fields(TrainOptions)}
    options = TrainOptions(**{name: job.options[name] for name in names & job.options.keys()})
    places = Places(
        weights=Weights(settings.weights, settings.data / "weights", Told(attempt)),
        models=settings.models, cache=settings.features, device=device(),
    )  # fmt: skip
    checkpoints = StoredCheckpoints(attempt, workshop().store)
    with ExitStack() as stack:
        folder = photographs(attempt, stack)
        yield Course(folder, options, places, checkpoints, job.id, job.owner)


def photographs(attempt: Attempt, stack: ExitStack) -> Path | None:
    """The folder to learn from; of a model that is taught again, what people corrected.

    What was made or fetched for it goes with the stack.

    Raises `DataSetError`, `ArtifactMissing`.
    """
    job, store = attempt.job, workshop().store
    if job.options["mode"] == "refit":
        desk = Path(stack.enter_context(TemporaryDirectory(prefix="merian-corrections-")))
        found = corrections.gather(store, str(job.options["name"]), None, desk)
        return desk if found else None
    if name := str(job.options["dataset"]):
        local = workshop().settings.datasets / name
        if local.is_dir():
            return local
        try:
            return stack.enter_context(store.fetched(f"jobs/{name}/dataset"))
        except ArtifactMissing:
            raise DataSetError(f"The data set {name} cannot be read: it was removed.") from None
    own = f"{job.folder}/dataset"
    with suppress(ArtifactMissing):  # another attempt may have taken it in
        return stack.enter_context(store.fetched(own))
    archive_taken_in(attempt, TAKING_IN)
    return stack.enter_context(store.fetched(own))


def watch(course: "Course", attempt: Attempt) -> "Step":
    """Let it learn, showing how it goes. Cancelled, the best so far is kept as the model."""
    told, points, last = 0.0, -1, None
    with closing(course.steps()) as steps:
        try:
            for step in steps:
                last = step
                attempt.check()
                if time.monotonic() - told > EVERY_SECONDS:
                    told = time.monotonic()
                    new = len(step.curves) > points
                    attempt.progress(progress_of(step), shown(step, attempt) if new else None)
                    points = len(step.curves)
        except JobGone:
            raise
        except Cancelled:
            if last is not None and last.trained is not None:
                keep(course, last, attempt)
            raise
    assert last is not None
    return last


def keep(course: "Course", step: "Step", attempt: Attempt) -> "Card":
    """Serve the model, on all hosts, and keep some of what it was measured with."""
    card = course.keep(step)
    publish(workshop().settings, workshop().store, card.name)
    keep_judged(course, attempt)
    return card


def keep_judged(course: "Course", attempt: Attempt) -> None:
    """Keep photographs that the model was measured with, for its owner to look at.

    The model is served by now, so want of room costs no more than them. Of a job that was removed
    meanwhile nothing may stay: one that was cancelled before hears no more of it.
    """
    shop, id = workshop(), attempt.job.id
    assert course.kept is not None
    try:
        judged.keep(shop.store, id, course.kept.verdicts())
    except StoreFull:
        log.warning("no room for the photographs that were judged", extra={"job": id})
    with suppress(StoreDown):
        try:
            shop.ledger.get(id)
        except JobNotFound:
            shop.store.delete_prefix(attempt.job.folder)


def progress_of(step: "Step") -> Progress:
    return Progress(step.step, step.steps, step.fraction, step.message, step.losses)


def shown(step: "Step", attempt: Attempt) -> dict[str, Any]:
    """The curves, in place of the picture that other jobs show."""
    version = attempt.number * 1_000_000 + len(step.curves)
    return {"version": version, "curves": [asdict(each) for each in step.curves]}


@dataclass
class Told:
    """Says how far a download is."""

    attempt: Attempt
    told: float = field(default=0.0)

    def __call__(self, file: str, done: int, total: int) -> None:
        self.attempt.check()
        if time.monotonic() - self.told > EVERY_SECONDS:
            self.told = time.monotonic()
            self.attempt.progress(Progress(done >> 20, total >> 20, 0.0, "Fetching the network"))
