"""How a job is removed, whoever wants it: nothing of it stays but a line in the audit file."""

from pathlib import Path

from workers import corrections
from workers.artifacts import ArtifactsDown, ArtifactsRefused, ArtifactStore
from workers.audit import Why, note_removal
from workers.counters import count
from workers.jobs import Job
from workers.ledger import Ledger
from workers.store import NotCopied

LEFT = "merian:left"
"""In Redis, prefixes of artifacts that are to go, and could not yet."""


def remove_job(ledger: Ledger, store: ArtifactStore, data: Path, job: Job, why: Why) -> None:
    """Remove record, events, idempotency key, waiting message, pictures, previews and checkpoints.

    The record goes first: a worker that holds the job then stops and takes its own files away.
    What somebody said of an answer goes too, unless the job is merely old: photographs that were
    given away to learn from outlive it. A model that a training made is not a part of the job.
    """
    unsure = None
    try:
        ledger.delete(job.id)
    except NotCopied as doubt:  # a failover may bring the record back, but not what it was about
        unsure = doubt
    remove_artifacts(ledger, store, job.folder)
    if job.kind == "species" and why is not Why.EXPIRED:
        remove_artifacts(ledger, store, corrections.place(str(job.options["model"]), job.id))
    count(ledger.redis, f"removed {why}")
    note_removal(data, "job", job.id, why, job.owner)
    if unsure:
        raise unsure


def remove_artifacts(ledger: Ledger, store: ArtifactStore, prefix: str) -> None:
    """Remove all below a prefix; where the store is away a janitor does it later."""
    try:
        store.delete_prefix(prefix)
    except (ArtifactsDown, ArtifactsRefused):
        ledger.redis.sadd(LEFT, prefix)


def remove_left(ledger: Ledger, store: ArtifactStore) -> None:
    """What `remove_artifacts` had to leave. Raises `ArtifactsDown`, `ArtifactsRefused`."""
    left: set[str] = ledger.redis.smembers(LEFT)  # type: ignore[assignment]
    for prefix in left:
        store.delete_prefix(prefix)
        ledger.redis.srem(LEFT, prefix)
