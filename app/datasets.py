"""Data sets to train on: handed in as an archive, or put in MERIAN_DATA by who runs the machine."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePath

from app.archives import received_archive
from app.errors import Refusal
from app.services import services
from app.submissions import FORM_ONLY, Files, Form, hand_in_archive, refuse_when_full
from models.options import InvalidOption
from models.training.dataset import DataSetError
from models.training.reading import read_data_set
from workers.jobs import Job, State
from workers.ledger import JobNotFound

JOB = re.compile("[0-9a-f]{32}")
FOLDER = re.compile(r"[A-Za-z0-9_-][\w.-]{0,62}")
LONGEST_TITLE = 100
PAGE = 100


@dataclass(frozen=True)
class Available:
    """A data set that can be trained on. `name` is what a training calls it by."""

    name: str
    title: str
    photographs: int
    classes: int


def submit_data_set(form: Form, files: Files, owner: str, idempotency_key: str = "") -> Job:
    """The archive of a form, handed in to be looked through.

    Raises `Refusal`, `InvalidOption` and leaves nothing behind; so do a full queue, a full disk and
    a store that is down.
    """
    for field in form:
        if field not in ("title", *FORM_ONLY):
            raise InvalidOption(field, "is not an option. Options are title.")
    title = form.get("title", "").strip()
    if len(title) > LONGEST_TITLE or not title.isprintable():
        raise InvalidOption("title", f"must have at most {LONGEST_TITLE} letters.")
    archive = received_archive(files)
    if archive is None:
        raise Refusal("missing_dataset", field="archive")
    title = title or named_after(files)
    if not idempotency_key:
        refuse_when_full("dataset", {}, owner)
    job = Job(kind="dataset", owner=owner, options={"title": title}, inputs={})
    return hand_in_archive(job, archive, idempotency_key)


def named_after(files: Files) -> str:
    """A title where none was given: what the archive is called."""
    stem = PurePath(files["archive"].filename or "").stem
    return "".join(each for each in stem if each.isprintable())[:LONGEST_TITLE].strip()


def available(owner: str) -> list[Available]:
    """The owner's, newest first, then those that all may use."""
    mine = (of_job(job) for job in jobs_of(owner) if is_ready(job))
    shared = (of_folder(folder) for folder in folders())
    return [*mine, *(each for each in shared if each)]


def refuse_unknown(name: str, owner: str) -> None:
    """Raises `Refusal`: unknown_dataset, or not_ready while it is looked through."""
    if FOLDER.fullmatch(name) and (services().workers.datasets / name).is_dir():
        return
    try:
        job = services().ledger.get(name) if JOB.fullmatch(name) else None
    except JobNotFound:
        job = None
    if job is None or job.owner != owner or job.kind != "dataset":
        raise Refusal("unknown_dataset", field="dataset")
    if not job.state.over:
        raise Refusal("not_ready", field="dataset")
    if not is_ready(job):
        raise Refusal("unknown_dataset", field="dataset")


def jobs_of(owner: str) -> Iterator[Job]:
    cursor = None
    while True:
        jobs, cursor = services().ledger.page(owner, PAGE, cursor)
        yield from jobs
        if cursor is None:
            return


def is_ready(job: Job) -> bool:
    return job.kind == "dataset" and job.state is State.SUCCEEDED


def of_job(job: Job) -> Available:
    report = (job.result or {})["report"]
    return Available(job.id, report["title"], report["photographs"], report["classes"])


def folders() -> list[Path]:
    parent = services().workers.datasets
    inside = sorted(parent.iterdir()) if parent.is_dir() else []
    return [each for each in inside if each.is_dir() and FOLDER.fullmatch(each.name)]


def of_folder(folder: Path) -> Available | None:
    """None where it cannot be trained on."""
    changed = max(each.stat().st_mtime_ns for each in [folder, *folder.iterdir()])
    return read_once(folder, changed)


@lru_cache(maxsize=64)
def read_once(folder: Path, changed: int) -> Available | None:
    """Again only where the folder, or what lies in it, has changed."""
    try:
        found = read_data_set(folder)
    except DataSetError:
        return None
    return Available(folder.name, folder.name, len(found.photographs), len(found.labels))
