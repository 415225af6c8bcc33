"""Photographs that a model was measured with, for whoever began its training and nobody else."""

from collections.abc import Iterable
from contextlib import suppress

from app.security import owned_job
from app.services import services
from models.species.card import Card
from workers import judged
from workers.jobs import Job
from workers.judged import Judged
from workers.ledger import JobNotFound


def training_of(card: Card) -> Job | None:
    """The training that made a model, if its record is there and is this request's owner's."""
    with suppress(JobNotFound):
        return owned_job(str((card.training or {}).get("job", "")))
    return None


def kept(job: Job) -> list[Judged]:
    """What a training kept of the photographs; the mistakes come first."""
    return judged.read(services().store, job.id) if job.kind == "training" else []


def chosen(found: Iterable[Judged], truth: str = "", named: str = "") -> list[Judged]:
    """Those of a class, those that were named so, or both; "" is any."""
    return [each for each in found if truth in ("", each.truth) and named in ("", each.named)]


def has_judged(card: Card) -> bool:
    """Whether photographs that a model was measured with are there for this reader."""
    job = training_of(card) if card.evaluation else None
    return job is not None and bool(kept(job))
