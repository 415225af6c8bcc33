"""One worker's hold on one job, by which it tells the ledger how the work goes."""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from workers.jobs import Failure, Job, Progress, State, to_json
from workers.store import StoreDown

if TYPE_CHECKING:
    from workers.ledger import Ledger


class LeaseLost(Exception):
    """Another attempt has the job now; this one must stop and leave nothing behind."""


class Cancelled(Exception):
    """Someone cancelled the job; what was done so far stays."""


class JobGone(Cancelled):
    """Someone removed the job; no file of it may stay."""


class Attempt:
    """One worker's hold on one job. `number` is its fence: it never falls and never comes twice."""

    def __init__(self, ledger: "Ledger", job: Job, number: int) -> None:
        self.ledger = ledger
        self.job = job
        self.number = number
        self.folder = f"{job.folder}/{number}"
        self.heard = time.monotonic()
        """When the ledger last agreed that this attempt goes on."""
        self.refused: LeaseLost | Cancelled | None = None
        """Set by the heartbeat when it is told that the attempt may not go on."""
        self.ending = False
        """The last word is being said. Where it was heard the lease is over, whoever knows it."""

    def progress(self, progress: Progress, preview: Mapping[str, Any] | None = None) -> None:
        """Tell how far it is and renew the lease. Raises `LeaseLost`, `Cancelled` or `JobGone`.

        While the store is away, news is left untold and the work goes on: who cannot be told
        cannot be told either that another has the job, and if so, will be when the store is back.
        """
        shown = json.dumps(dict(preview), separators=(",", ":")) if preview else ""
        with suppress(StoreDown):
            self._write(
                "progress", self.ledger.lease_seconds, to_json(progress), shown, "", progress.scale
            )

    def go_on(self, progress: Progress, seconds: float) -> None:
        """Tell that this goes on with what earlier attempts did, which took so many seconds.

        What remains, and what such work takes, is told by all of them. Raises as `progress` does.
        """
        with suppress(StoreDown):
            self._write(
                "progress", self.ledger.lease_seconds, to_json(progress), "", f"{seconds:.3f}"
            )

    def check(self) -> None:
        """Raise what the heartbeat was told, if it was; costs nothing."""
        if self.refused:
            raise self.refused

    def renew(self) -> None:
        """Keep the lease without news. Raises as `progress` does."""
        self._write("progress", self.ledger.lease_seconds, "", "")

    def succeed(self, result: Mapping[str, Any]) -> None:
        """The last word: the result, whose file must be in its place already."""
        self._insist("finish", State.SUCCEEDED, "result", json.dumps(dict(result)), self.job.work)

    def fail(self, failure: Failure) -> None:
        """The last word: why there is no result."""
        self._insist("finish", State.FAILED, "error", to_json(failure), self.job.work)

    def release(self) -> None:
        """Give the job back to its queue; this attempt does not count."""
        self._write("release")

    def _insist(self, script: str, *arguments: Any) -> None:
        """Write; where the store is away, again until it is back: the work is not done twice.

        The same where no replica has the last word yet: a failover would have the work done anew.
        """
        self.ending = True
        while True:
            try:
                return self._write(script, *arguments)
            except StoreDown:
                time.sleep(1.0)

    def _write(self, script: str, *arguments: Any) -> None:
        match self.ledger.run(script, self.job.id, self.number, *arguments):
            case "cancelled":
                raise Cancelled(self.job.id)
            case "gone":
                raise JobGone(self.job.id)
            case "lost":
                raise LeaseLost(self.job.id)
        self.heard = time.monotonic()
