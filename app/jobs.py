"""What an owner may do with a job: see it, cancel it, remove it. The same for pages and API."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from app.errors import Refusal
from app.security import owned_job
from app.services import services
from models.style.output import FORMATS
from workers import removal
from workers.audit import Why
from workers.jobs import Job, State
from workers.ledger import JobNotFound

ENDINGS = {kind.media_type: kind.endings[0] for kind in FORMATS.values()}


@dataclass(frozen=True)
class Painting:
    """A picture that a job has made. Sizes in pixels; `seconds` is how long it took, if known."""

    key: str
    width: int
    height: int
    media_type: str
    seconds: float | None

    @property
    def ending(self) -> str:
        """How the name of its file ends."""
        return ENDINGS[self.media_type]


def painting(job: Job) -> Painting | None:
    """The result; of a cancelled job what was painted until then; None where there is neither."""
    if job.kind != "art":
        return None
    if job.result:
        made = job.result
        return Painting(
            made["key"], made["width"], made["height"], made["media_type"], made["seconds"]
        )
    if job.state is State.CANCELLED and job.preview:
        left = job.preview
        return Painting(left["key"], left["width"], left["height"], "image/jpeg", None)
    return None


def has_result(job: Job) -> bool:
    """Whether `/jobs/ID/result` has something to answer: a painting, or what is to be said."""
    return bool(job.result or painting(job))


def has_preview(job: Job) -> bool:
    """Whether there is a picture of how far it is; a training has curves in its place."""
    return bool(job.preview and "key" in job.preview)


def shown(job: Job, made: Painting) -> Painting:
    """The painting as browsers show it: a TIFF has a PNG beside it."""
    if job.result and "shown" in job.result:
        return replace(made, key=job.result["shown"], media_type="image/png")
    return made


def owned_jobs(ids: Iterable[str]) -> list[Job]:
    """Those of `ids` that are this owner's, each once. Raises `JobNotFound` where none is."""
    found = []
    for id in dict.fromkeys(ids):
        with suppress(JobNotFound):
            found.append(owned_job(id))
    if not found:
        raise JobNotFound(", ".join(ids))
    return found


def cancel_job(id: str) -> Job:
    """Stop the job; once more changes nothing. Raises `Refusal` where it ended otherwise."""
    owned_job(id)
    job = services().ledger.cancel(id)
    if job.state is not State.CANCELLED:
        raise Refusal("already_finished")
    return job


def remove_job(id: str) -> None:
    """Remove the job with every picture and event of it, and what its owner said about it."""
    given = services()
    removal.remove_job(given.ledger, given.store, given.workers.data, owned_job(id), Why.OWNER)
