"""From pictures to a job: what submissions of every kind share."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from app.errors import Refusal
from app.observe import request_id
from app.services import services
from app.uploads import Picture
from workers.jobs import Job
from workers.ledger import OwnerFull, QueueFull
from workers.removal import remove_artifacts
from workers.store import StoreDown
from workers.submit import queue_of

# What a browser's form carries beside the options.
FORM_ONLY = ("csrf_token",)
ENDING = 64 << 20
"""Bytes of a file that tell it from others: all of a picture."""

Form = MultiDict[str, str]
Files = MultiDict[str, FileStorage]


def refuse_when_full(kind: str, options: Mapping[str, Any], owner: str) -> None:
    """Before the work of decoding, which would be for nothing.

    Raises `QueueFull`, `OwnerFull`, `StoreDown`.
    """
    if services().ledger.waiting_in(queue_of(kind, options)) >= services().workers.queue_limit:
        raise QueueFull()
    if services().ledger.waiting_of(owner) >= services().settings.most_waiting:
        raise OwnerFull()


def uploads_of(field: str, files: Files) -> list[FileStorage]:
    """The files of a field; a browser also sends an empty one where none was chosen."""
    return [upload for upload in files.getlist(field) if upload.filename]


def named_sample(name: str, field: str, role: str) -> Picture:
    """A picture that ships with Merian, in place of an upload. Raises `Refusal`."""
    sample = services().samples.get(name)
    if sample is None or sample.role != role:
        raise Refusal("unknown_sample", f"There is no sample named {name}.", f"{field}_sample")
    return Picture(sample.path, sample.width, sample.height)


def hand_in(job: Job, pictures: Mapping[str, Picture], idempotency_key: str = "") -> Job:
    """The pictures first, then the job.

    Raises `QueueFull`, `IdempotencyConflict`, `StoreDown`, `StoreFull`.
    """
    files = {name: picture.path for name, picture in pictures.items()}
    seen = (idempotency_key, fingerprint(job, files)) if idempotency_key else None
    job = replace(job, inputs={name: f"{job.folder}/{name}.jpg" for name in files})

    def store() -> None:
        for name, key in job.inputs.items():
            services().store.add(key, files[name])

    return submitted(job, seen, store)


def hand_in_archive(job: Job, archive: Path | None, idempotency_key: str = "") -> Job:
    """The archive, if there is one, is moved into the store. Raises as `hand_in`."""
    files = {"archive": archive} if archive else {}
    seen = (idempotency_key, fingerprint(job, files)) if idempotency_key else None
    job = replace(job, inputs={name: f"{job.folder}/{name}.zip" for name in files})

    def store() -> None:
        for name, key in job.inputs.items():
            services().store.move_in(key, files[name])

    return submitted(job, seen, store)


def submitted(job: Job, seen: tuple[str, str] | None, store: Callable[[], None]) -> Job:
    """The files first, then the job; where there is no new job, no new file stays.

    A ledger that falls while it is asked may have made the job and never said so.
    """
    services().redis.ping()  # one that is away is told before anything is written
    made = None
    try:
        store()
        made = services().submitter.submit(replace(job, request=request_id()), seen)
        return made
    finally:
        if not (made.id == job.id if made else may_be_known(job.id)):
            remove_artifacts(services().ledger, services().store, job.folder)


def may_be_known(id: str) -> bool:
    """Whether the ledger has the job; True where nobody can tell. Its janitor sweeps later."""
    try:
        return services().ledger.knows(id)
    except StoreDown:
        return True


def fingerprint(job: Job, files: Mapping[str, Path]) -> str:
    """The same for the same request, whatever the files were called.

    The end of a file will do for an archive: it lists all that is in it, with check sums.
    """
    digest = hashlib.sha256(f"{job.kind} {json.dumps(dict(job.options))}".encode())
    for name, path in files.items():
        with path.open("rb") as file:
            size = path.stat().st_size
            file.seek(max(0, size - ENDING))
            digest.update(f"{name} {size} ".encode() + hashlib.sha256(file.read()).digest())
    return digest.hexdigest()
