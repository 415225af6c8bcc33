"""The ledger of jobs in Redis: the truth about who works on what.

The queue only wakes workers (docs/decisions/0004-jobs.md). A worker holds a job by a
lease and a number, its fence; every write carries the fence, and the scripts in
`lua/` refuse the write of an attempt that was overtaken. Each transition is one script,
so that no one ever sees half of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.attempts import Attempt
from workers.formats import FORMAT
from workers.jobs import QUEUES, WORKER_LOST, Job, Progress, State, seconds, to_json
from workers.store import NotCopied, Store

NO_LIMIT = 10**9
SURE = frozenset({"create", "take", "finish", "cancel", "delete"})
"""What a failover may not undo: a job was promised, is held by one alone, is over, is gone."""
IDEMPOTENCY_SECONDS = 26 * 3600  # a day is promised; the server's clock may jump by an hour


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
        answer = self.run(
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
            flat = self.run("page", f"merian:owner:{owner}", place, limit + 1)
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
        return [Job.read(pairs(flat)) for flat in self.run("page", "merian:all", "", limit)]

    def position(self, job: Job) -> int | None:
        """How many jobs are before this one: 0 is next, None is not waiting."""
        if job.state is not State.QUEUED:
            return None
        return self.redis.zrank(f"merian:queue:{job.queue}", job.id)  # type: ignore[return-value]

    def eta_seconds(self, job: Job) -> float | None:
        """Seconds until the job is likely to be done; None where it is over, or nobody knows."""
        if job.state.over:
            return None
        return seconds(self.run("eta", job.id))

    def typical_seconds(self) -> dict[str, float]:
        """How long jobs took of late, by their `work`."""
        times: Any = self.redis.hgetall("merian:typical")
        return {work: float(each) for work, each in times.items()}

    def counts(self) -> dict[str, int]:
        """How many jobs wait in each queue, and how many run."""
        waiting = {name: self.waiting_in(name) for name in QUEUES}
        return waiting | {"running": int(self.redis.zcard("merian:running"))}

    def waiting_in(self, queue: str) -> int:
        """How many jobs wait in a queue."""
        return int(self.redis.zcard(f"merian:queue:{queue}"))

    def waiting_of(self, owner: str) -> int:
        """How many jobs of an owner wait, in all queues together."""
        return int(self.redis.zcard(f"merian:waiting:{owner}"))

    def take(self, id: str, worker: str) -> Attempt | None:
        """Hold the job for one worker, or None where it does not wait (any more).

        `worker` is a name that no other taker has.
        """
        try:
            flat = self.run("take", id, worker, self.lease_seconds, to_json(Progress()))
        except NotCopied as unsure:  # after a failover another could hold it by the same number
            if unsure.answer:
                self.run("release", id, pairs(unsure.answer)["fence"])
            raise
        if flat is None:
            return None
        record = pairs(flat)
        return Attempt(self, Job.read(record), int(record["fence"]))

    def waiting(self, queue: str, kind: str, limit: int) -> list[str]:
        """Ids of the jobs of one kind that wait in a queue, oldest first, at most `limit`.

        Those of a newer format than ours are left out.
        """
        return list(self.run("waiting", queue, kind, limit, FORMAT))

    def cancel(self, id: str) -> Job:
        """Cancel a job that waits or runs, at once; one that is over stays as it is."""
        self.run("cancel", id)
        return self.get(id)

    def delete(self, id: str) -> bool:
        """Remove the record with its events; whether there was one. The artifacts are left."""
        return bool(self.run("delete", id))

    def held(self) -> list[Held]:
        """Every job that a worker holds, or held when it died."""
        return [Held(*about) for about in self.run("held")]

    def reclaim(self, held: Held, anyway: bool = False) -> State | None:
        """Take a job from a worker that is lost: queued again, or failed after `max_attempts`.

        None where the lease was renewed since `held` was seen. How long it was not is for the
        caller to judge (workers/silence.py). `anyway`: the worker is known to be dead.
        """
        failure, mark = to_json(WORKER_LOST), "" if anyway else held.mark
        state = self.run("reclaim", held.id, held.fence, self.max_attempts, failure, mark)
        return State(state) if state else None

    def release(self, held: Held) -> bool:
        """Give a job back for a worker that is about to end; whether it held it still."""
        return self.run("release", held.id, held.fence) is None

    def unpublished(self, queue: str, patience: float, *brokers: str) -> list[str]:
        """Ids of jobs that waited `patience` seconds and miss a message in the lists `brokers`."""
        return list(self.run("unpublished", queue, patience, *brokers))

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

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script in `lua/` answers. Raises `StoreDown`."""
        if script in SURE:
            return self.redis.sure_script(self.scripts[script], arguments)
        return self.scripts[script](args=arguments)


def pairs(flat: list[str]) -> dict[str, str]:
    """The fields of a hash as a script answers them: name, value, name, value."""
    return dict(zip(flat[::2], flat[1::2], strict=True))
