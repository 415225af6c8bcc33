"""Where the state of a job's work is kept, so that another worker goes on with it.

One file an attempt, among the job's artifacts: any host may go on, and an attempt that was
overtaken overwrites nothing of the other's. Jobs that may have such files are noted in Redis, so
that none outlives its job, however the process that wrote it ended. Imports no torch.
"""

import logging
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from models.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from workers.artifacts import ArtifactMissing, ArtifactsDown, ArtifactStore
from workers.attempts import Attempt
from workers.jobs import Progress
from workers.ledger import JobNotFound, Ledger
from workers.store import StoreDown

log = logging.getLogger(__name__)

NOTED = "merian:checkpoints"
"""In Redis, the ids of the jobs that may have checkpoints."""
NAME = re.compile(r"(\d+)-(\d+)\.pt")


@dataclass(frozen=True, order=True)
class Kept:
    """One file: the fence of the attempt that wrote it, its count, and the artifact's key."""

    fence: int
    attempt: int
    key: str


class StoredCheckpoints:
    """Those of one attempt's job: the `Checkpoints` of a painting or a training."""

    def __init__(self, attempt: Attempt, store: ArtifactStore) -> None:
        self.attempt, self.store = attempt, store
        self.about = {"job": attempt.job.id, "attempt": attempt.number}
        self.before = 0.0
        """Seconds of work that earlier attempts did and this one goes on with."""
        self.count = 0
        self.seconds = 0.0

    def load(self, key: str) -> Checkpoint | None:
        """The newest that can be read, told to the ledger as the place to go on from.

        One that the attempt before this began with, and got nowhere, is left: perhaps it is what
        ended its worker. Raises what `Attempt.progress` raises.
        """
        for each in kept(self.store, self.attempt.job.id):
            if each.attempt < self.attempt.job.attempt - 1:
                log.warning("begun anew: the last to go on from here died", extra=self.about)
                return None
            with suppress(ArtifactMissing):
                found = read_checkpoint(self.store.path(each.key))
                if found is not None and found.key == key:
                    log.info("going on", extra=self.about | {"fraction": found.fraction})
                    self.before = found.seconds
                    going_on = Progress(0, 0, found.fraction, "Going on")
                    self.attempt.go_on(going_on, found.seconds)
                    return found
                log.warning("a checkpoint cannot be gone on from", extra=self.about)
        return None

    def save(self, checkpoint: Checkpoint) -> None:
        """Write it, then remove those of earlier attempts.

        Raises `StoreFull`, and what the heartbeat was told: one that was overtaken writes nothing.
        """
        began = time.monotonic()
        self.attempt.check()
        job = self.attempt.job
        with suppress(StoreDown):  # said again with the next
            self.attempt.ledger.redis.sadd(NOTED, job.id)
        key = f"{folder_of(job.id)}/{self.attempt.number}-{job.attempt}.pt"
        # Not durable: a worker that dies leaves the file to the system, which writes it. After a
        # power cut it may be damaged, is known as such, and the work begins anew.
        self.store.write(key, lambda file: write_checkpoint(checkpoint, file), durable=False)
        for each in kept(self.store, job.id):
            if each.fence < self.attempt.number:
                self.store.delete(each.key)
        self.count += 1
        self.seconds += time.monotonic() - began

    def remove(self) -> None:
        """Make room: there will be nothing to go on from."""
        forget(self.attempt.ledger, self.store, self.attempt.job.id)

    def account(self) -> dict[str, Any]:
        """How many were written by this attempt, and what that took (s)."""
        return {"checkpoints": self.count, "checkpoint_seconds": round(self.seconds, 3)}


def folder_of(id: str) -> str:
    return f"jobs/{id}/checkpoints"


def kept(store: ArtifactStore, id: str) -> list[Kept]:
    """The checkpoints of a job, newest first."""
    return sorted(_kept(store, folder_of(id)), reverse=True)


def _kept(store: ArtifactStore, folder: str) -> Iterator[Kept]:
    for key in store.below(folder):
        if name := NAME.fullmatch(key.rpartition("/")[2]):
            yield Kept(int(name[1]), int(name[2]), key)


def forget(ledger: Ledger, store: ArtifactStore, id: str) -> None:
    """Remove the checkpoints of a job, and what a process that was killed left of one."""
    store.delete_prefix(folder_of(id))
    ledger.redis.srem(NOTED, id)


def forget_if_over(ledger: Ledger, store: ArtifactStore, id: str) -> None:
    """Remove them where the job is over, in whatever way: they are large."""
    with suppress(JobNotFound, StoreDown, ArtifactsDown):  # `tidy` comes later
        if ledger.get(id).state.over:
            forget(ledger, store, id)


def tidy(ledger: Ledger, store: ArtifactStore) -> None:
    """Remove those of jobs that ended without their worker. Raises `StoreDown`."""
    noted: set[str] = ledger.redis.smembers(NOTED)  # type: ignore[assignment]
    for id in noted:
        try:
            if not ledger.get(id).state.over:
                continue
        except JobNotFound:
            store.delete_prefix(f"jobs/{id}")  # written while the job was removed
        forget(ledger, store, id)
