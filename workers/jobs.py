"""Jobs and the ledger of them in Redis: the truth about who works on what.

The queue only wakes workers (docs/decisions/0004-jobs.md). A worker holds a job by a
lease and a number, its fence; every write carries the fence, and the scripts in
`lua/` refuse the write of an attempt that was overtaken. Each transition is one script,
so that no one ever sees half of it.
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from workers.store import Store, StoreDown

QUEUES = ("quick", "slow", "training")
COSTS = {
    "art": ("painter", "size", "quality"), "species": ("model", "boxes"), "dataset": (),
    "training": ("backbone", "mode"),
}  # fmt: skip
"""The options that decide how long a job of a kind takes."""
NO_LIMIT = 10**9
IDEMPOTENCY_SECONDS = 26 * 3600  # a day is promised; the server's clock may jump by an hour

__all__ = [
    "QUEUES", "Attempt", "Cancelled", "Failure", "Held", "IdempotencyConflict", "InvalidCursor",
    "Job", "JobGone", "JobNotFound", "LeaseLost", "Ledger", "OwnerFull", "Progress", "QueueFull",
    "State", "StoreDown",
]  # fmt: skip


class JobNotFound(LookupError):
    """There is no job of this id."""


class QueueFull(Exception):
    """As many jobs wait as may wait; try again later."""


class OwnerFull(QueueFull):
    """As many jobs of this owner wait as one owner may have waiting."""


class IdempotencyConflict(Exception):
    """The idempotency key was used before, for something else."""


class InvalidCursor(ValueError):
    """A cursor that no page gave."""


class LeaseLost(Exception):
    """Another attempt has the job now; this one must stop and leave nothing behind."""


class Cancelled(Exception):
    """Someone cancelled the job; what was done so far stays."""


class JobGone(Cancelled):
    """Someone removed the job; no file of it may stay."""


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        return self not in (State.QUEUED, State.RUNNING)


@dataclass(frozen=True)
class Progress:
    """How far an attempt is. `fraction` is 0 to 1, weighted by cost; `message` is for a person."""

    step: int = 0
    steps: int = 0
    fraction: float = 0.0
    message: str = ""
    losses: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """Why a job failed: a code for programs, a sentence that a person can act on."""

    code: str
    message: str


WORKER_LOST = Failure(
    "worker_lost",
    "The worker stopped several times while it worked on this, perhaps for want of memory. "
    "Try a smaller size.",
)


@dataclass(frozen=True)
class Job:
    """One record of the ledger. Times are seconds since 1970 by the server's clock."""

    owner: str
    options: Mapping[str, Any]
    inputs: Mapping[str, str]
    """Artifact keys by name: content, style-0, style-1... mask-0...; for species image-0...

    For a data set, and for a training that brings its own: archive.
    """
    forecast: Mapping[str, int] = field(default_factory=dict)
    """For art, known before it begins: width, height and memory_bytes."""
    kind: str = "art"
    queue: str = "slow"
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    state: State = State.QUEUED
    progress: Progress = Progress()
    attempt: int = 0
    """How many workers have begun; a worker that gave the job back does not count."""
    created_at: float = 0.0
    started_at: float | None = None
    finished_at: float | None = None
    error: Failure | None = None
    result: Mapping[str, Any] | None = None
    """For art: key, width, height, media_type, seconds. For species: the answer and seconds.

    For a data set: report and seconds; for a training also model, metrics and curves.
    """
    preview: Mapping[str, Any] | None = None
    """For art: key, width, height, version. For a training: curves and version; no picture."""
    version: int = 0
    """Raised by every change."""
    request: str = ""
    """The id of the web request that made it: log lines of its worker carry it."""

    @property
    def folder(self) -> str:
        """The prefix of every artifact of this job."""
        return f"jobs/{self.id}"

    @property
    def work(self) -> str:
        """What makes one job take as long as another; typical times are kept by this name."""
        costs = (str(self.options.get(name, "")) for name in COSTS[self.kind])
        return " ".join([*costs, self.kind])

    def record(self) -> dict[str, str]:
        """The fields of a new record, as Redis keeps them."""
        return {
            "id": self.id, "owner": self.owner, "kind": self.kind, "queue": self.queue,
            "work": self.work, "options": json.dumps(dict(self.options)),
            "inputs": json.dumps(dict(self.inputs)),
            "forecast": json.dumps(dict(self.forecast)), "request": self.request,
            "progress": to_json(self.progress), "attempt": "0", "version": "0",
            "error": "null", "result": "null", "preview": "null",
        }  # fmt: skip

    @classmethod
    def read(cls, record: Mapping[str, str]) -> Self:
        """A job from the fields of a hash."""
        error = json.loads(record["error"])
        return cls(
            id=record["id"], owner=record["owner"], kind=record["kind"], queue=record["queue"],
            options=json.loads(record["options"]), inputs=json.loads(record["inputs"]),
            forecast=json.loads(record.get("forecast", "{}")), request=record.get("request", ""),
            state=State(record["state"]), progress=Progress(**json.loads(record["progress"])),
            attempt=int(record["attempt"]), version=int(record["version"]),
            created_at=float(record["created_at"]),
            started_at=seconds(record.get("started_at")),
            finished_at=seconds(record.get("finished_at")),
            error=Failure(**error) if error else None,
            result=json.loads(record["result"]), preview=json.loads(record["preview"]),
        )  # fmt: skip


@dataclass(frozen=True)
class Held:
    """A running job as the janitor sees it."""

    id: str
    fence: str
    holder: str
    mark: str
    """Another after each renewal of the lease."""


class Ledger:
    """Every transition of every job. Raises `StoreDown` where Redis cannot be reached."""

    def __init__(self, redis: Store, lease_seconds: float = 30, max_attempts: int = 3) -> None:
        self.redis = redis
        self.lease_seconds = lease_seconds
        self.max_attempts = max_attempts
        folder = Path(__file__).parent / "lua"
        prelude = (folder / "prelude.lua").read_text()
        self.scripts = {
            path.stem: redis.register_script(prelude + path.read_text())
            for path in folder.glob("*.lua")
            if path.stem != "prelude"
        }

    def create(
        self,
        job: Job,
        limit: int,
        idempotency: tuple[str, str] | None = None,
        owner_limit: int = NO_LIMIT,
    ) -> Job:
        """Write a new job, or answer the earlier one of the same idempotency (key, fingerprint).

        Raises `QueueFull` where `limit` jobs wait in its queue already, `OwnerFull` where
        `owner_limit` jobs of its owner wait in all queues, `IdempotencyConflict` for the same key
        with another fingerprint.
        """
        key, fingerprint = idempotency or ("", "")
        name = f"{job.owner}:{key}" if key else ""
        fields = [part for pair in job.record().items() for part in pair]
        answer = self._run(
            "create", job.id, limit, owner_limit, name, fingerprint, IDEMPOTENCY_SECONDS, *fields
        )
        match answer[0]:
            case "full":
                raise QueueFull(f"{limit} jobs wait already. Try again in a few minutes.")
            case "owner_full":
                raise OwnerFull(f"{owner_limit} of your jobs wait already.")
            case "conflict":
                raise IdempotencyConflict("This Idempotency-Key was used for another request.")
        return self.get(answer[1])

    def get(self, id: str) -> Job:
        """The job, or `JobNotFound`."""
        record: dict[str, str] = self.redis.hgetall(f"merian:job:{id}")  # type: ignore[assignment]
        if not record:
            raise JobNotFound(id)
        return Job.read(record)

    def page(
        self,
        owner: str,
        limit: int,
        cursor: str | None = None,
        wanted: Callable[[Job], bool] = lambda job: True,
    ) -> tuple[list[Job], str | None]:
        """The owner's wanted jobs, newest first, and the cursor of the next page, None after the
        last. Looks through the others, a page at a time.

        Raises `InvalidCursor`.
        """
        if cursor and not (len(cursor) == 50 and cursor[:17].isdigit() and cursor[17] == "-"):
            raise InvalidCursor("This cursor is not one that a page gave.")
        place = cursor.replace("-", ":") if cursor else ""
        found: list[tuple[str, Job]] = []
        while len(found) <= limit:
            flat = self._run("page", f"merian:owner:{owner}", place, limit + 1)
            records = [pairs(each) for each in flat]
            jobs = [(record["place"], Job.read(record)) for record in records]
            found += [(at, job) for at, job in jobs if wanted(job)]
            if len(records) <= limit:
                break
            place = records[-1]["place"]
        after = found[limit - 1][0].replace(":", "-") if len(found) > limit else None
        return [job for _, job in found[:limit]], after

    def newest(self, limit: int) -> list[Job]:
        """The newest jobs of all owners: for whoever runs the machine."""
        return [Job.read(pairs(flat)) for flat in self._run("page", "merian:all", "", limit)]

    def position(self, job: Job) -> int | None:
        """How many jobs are before this one: 0 is next, None is not waiting."""
        if job.state is not State.QUEUED:
            return None
        return self.redis.zrank(f"merian:queue:{job.queue}", job.id)  # type: ignore[return-value]

    def eta_seconds(self, job: Job) -> float | None:
        """Seconds until the job is likely to be done; None where it is over, or nobody knows."""
        if job.state.over:
            return None
        return seconds(self._run("eta", job.id))

    def typical_seconds(self) -> dict[str, float]:
        """How long jobs took of late, by their `work`."""
        times: Any = self.redis.hgetall("merian:typical")
        return {work: float(each) for work, each in times.items()}

    def counts(self) -> dict[str, int]:
        """How many jobs wait in each queue, and how many run."""
        waiting = {name: int(self.redis.zcard(f"merian:queue:{name}")) for name in QUEUES}
        return waiting | {"running": int(self.redis.zcard("merian:running"))}

    def waiting_of(self, owner: str) -> int:
        """How many jobs of an owner wait, in all queues together."""
        return int(self.redis.zcard(f"merian:waiting:{owner}"))

    def take(self, id: str, worker: str) -> "Attempt | None":
        """Hold the job for one worker, or None where it does not wait (any more).

        `worker` is a name that no other taker has.
        """
        flat = self._run("take", id, worker, self.lease_seconds, to_json(Progress()))
        if flat is None:
            return None
        record = pairs(flat)
        return Attempt(self, Job.read(record), int(record["fence"]))

    def waiting(self, queue: str, kind: str, limit: int) -> list[str]:
        """Ids of the jobs of one kind that wait in a queue, oldest first, at most `limit`."""
        return list(self._run("waiting", queue, kind, limit))

    def cancel(self, id: str) -> Job:
        """Cancel a job that waits or runs, at once; one that is over stays as it is."""
        self._run("cancel", id)
        return self.get(id)

    def delete(self, id: str) -> bool:
        """Remove the record with its events; whether there was one. The artifacts are left."""
        return bool(self._run("delete", id))

    def held(self) -> list[Held]:
        """Every job that a worker holds, or held when it died."""
        return [Held(*about) for about in self._run("held")]

    def reclaim(self, held: Held, anyway: bool = False) -> State | None:
        """Take a job from a worker that is lost: queued again, or failed after `max_attempts`.

        None where the lease was renewed since `held` was seen. How long it was not is for the
        caller to judge (workers/silence.py). `anyway`: the worker is known to be dead.
        """
        failure, mark = to_json(WORKER_LOST), "" if anyway else held.mark
        state = self._run("reclaim", held.id, held.fence, self.max_attempts, failure, mark)
        return State(state) if state else None

    def release(self, held: Held) -> bool:
        """Give a job back for a worker that is about to end; whether it held it still."""
        return self._run("release", held.id, held.fence) is None

    def unpublished(self, queue: str, patience: float, broker: str) -> list[str]:
        """Ids of jobs that waited `patience` seconds and miss a message in the list `broker`."""
        return list(self._run("unpublished", queue, patience, broker))

    def finished_before(self, moment: float) -> list[str]:
        """Ids of at most 100 jobs that ended before `moment`, oldest first."""
        found: Any = self.redis.zrange(
            "merian:finished", "-inf", moment, byscore=True, offset=0, num=100
        )
        return list(found)

    def knows(self, id: str) -> bool:
        return bool(self.redis.exists(f"merian:job:{id}"))

    def my_turn(self, name: str, seconds: int) -> bool:
        """True for the first of all processes that asks within `seconds`."""
        key = f"merian:turn:{name}"
        if self.redis.ttl(key) > seconds:  # the server's clock went back since it was set
            self.redis.delete(key)
        return bool(self.redis.set(key, "taken", nx=True, ex=seconds))

    def _run(self, script: str, *arguments: Any) -> Any:
        return self.scripts[script](args=arguments)


class Attempt:
    """One worker's hold on one job. `number` is its fence: it never falls and never comes twice."""

    def __init__(self, ledger: Ledger, job: Job, number: int) -> None:
        self.ledger = ledger
        self.job = job
        self.number = number
        self.folder = f"{job.folder}/{number}"
        self.heard = time.monotonic()
        """When the ledger last agreed that this attempt goes on."""
        self.refused: LeaseLost | Cancelled | None = None
        """Set by the heartbeat when it is told that the attempt may not go on."""

    def progress(self, progress: Progress, preview: Mapping[str, Any] | None = None) -> None:
        """Tell how far it is and renew the lease. Raises `LeaseLost`, `Cancelled` or `JobGone`.

        While the store is away, news is left untold and the work goes on: who cannot be told
        cannot be told either that another has the job, and if so, will be when the store is back.
        """
        shown = json.dumps(dict(preview)) if preview else ""
        with suppress(StoreDown):
            self._write("progress", self.ledger.lease_seconds, to_json(progress), shown)

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
        """Write; where the store is away, again until it is back: the work is not done twice."""
        while True:
            try:
                return self._write(script, *arguments)
            except StoreDown:
                time.sleep(1.0)

    def _write(self, script: str, *arguments: Any) -> None:
        match self.ledger._run(script, self.job.id, self.number, *arguments):
            case "cancelled":
                raise Cancelled(self.job.id)
            case "gone":
                raise JobGone(self.job.id)
            case "lost":
                raise LeaseLost(self.job.id)
        self.heard = time.monotonic()


def to_json(value: Progress | Failure) -> str:
    return json.dumps(asdict(value), allow_nan=False)


def seconds(text: str | None) -> float | None:
    return float(text) if text else None


def pairs(flat: list[str]) -> dict[str, str]:
    """The fields of a hash as a script answers them: name, value, name, value."""
    return dict(zip(flat[::2], flat[1::2], strict=True))
