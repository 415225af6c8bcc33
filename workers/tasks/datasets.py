"""Taking in a data set as a job: unpack, look at every photograph, write it anew, report."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from models.steps import outcome
from models.training.archive import ArchiveLimits
from models.training.reading import read_data_set
from models.training.taking_in import Progress as TakingIn
from models.training.taking_in import take_in as taken_in
from workers import glimpses
from workers.artifacts import ArtifactsDown
from workers.attempts import Attempt
from workers.celery import celery
from workers.jobs import Progress
from workers.ledger import JobNotFound
from workers.run import running
from workers.settings import WorkerSettings
from workers.store import StoreDown
from workers.taking import take
from workers.workshop import workshop

EVERY_SECONDS = 0.5


@celery.task(name="workers.tasks.datasets.take_in")  # type: ignore[untyped-decorator]
def take_in(id: str) -> None:
    """One message: take in the job's archive if it still waits."""
    shop = workshop()
    if attempt := take(shop, id):
        with running(attempt, shop.store, brief=True):
            attempt.succeed(report_on(attempt))
    forget_archive(id)


def report_on(attempt: Attempt) -> dict[str, Any]:
    """Take in the archive as the data set of the attempt's job; what the ledger keeps as result."""
    started = time.monotonic()
    store, id = workshop().store, attempt.job.id

    def keep_some(folder: Path) -> None:
        glimpses.keep(store, id, read_data_set(folder).photographs)

    report = archive_taken_in(attempt, then=keep_some)
    title = str(attempt.job.options["title"]) or attempt.job.id[:8]
    seconds = round(time.monotonic() - started, 3)
    return {"report": report | {"title": title}, "seconds": seconds}


def forget_archive(id: str) -> None:
    """Remove the archive that the job brought once it is over, in whatever way; it may be large."""
    shop = workshop()
    with suppress(JobNotFound, StoreDown, ArtifactsDown):  # else it goes with the job
        job = shop.ledger.get(id)
        if job.state.over and "archive" in job.inputs:
            shop.store.delete(job.inputs["archive"])


def archive_taken_in(
    attempt: Attempt, share: float = 1.0, then: Callable[[Path], None] = lambda folder: None
) -> dict[str, Any]:
    """The report on the archive that the job brought; the data set is then below the job's folder.

    `share` is how much of the whole job this is, 0 to 1; `then` is given the data set while it is
    in a folder here. Raises `DataSetError`, `ArtifactMissing`,
    and what `Attempt.progress` raises.
    """
    store = workshop().store
    archive = store.path(attempt.job.inputs["archive"])
    told = 0.0

    def tell(step: TakingIn) -> None:
        nonlocal told
        attempt.check()
        if time.monotonic() - told > EVERY_SECONDS:
            told = time.monotonic()
            fraction = share * step.fraction
            attempt.progress(Progress(step.step, step.steps, fraction, step.message))

    with store.filling(f"{attempt.job.folder}/dataset") as folder:
        report = outcome(taken_in(archive, folder, limits(workshop().settings)), tell)
        then(folder)
        return report


def limits(settings: WorkerSettings) -> ArchiveLimits:
    """Of an archive, unpacked. There are tables beside the photographs, but not many."""
    return ArchiveLimits(2 * settings.max_dataset, settings.max_photographs + 100)
