"""What a job is: who wants what, how far it is, what came of it. One record of the ledger."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

from workers.formats import FORMAT, up_to_date

QUEUES = ("quick", "slow", "training")
GPU = "gpu."
GPU_QUEUES = ("gpu.slow", "gpu.training")
"""Of messages only: a job's queue is one of QUEUES (workers/routes.py)."""
COSTS = {
    "art": ("painter", "size", "quality"), "species": ("model", "boxes"), "dataset": (),
    "training": ("backbone", "mode"),
}  # fmt: skip
"""The options that decide how long a job of a kind takes."""


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
    scale: int = 0
    """Of a painting: the longer side, in pixels, at which it is painted just now. Only events tell
    it: a web of before could not read a record that did."""


@dataclass(frozen=True)
class Failure:
    """Why a job failed: a code for programs, a sentence that a person can act on."""

    code: str
    message: str


@dataclass(frozen=True)
class Share:
    """The link by which anybody may see what came of a job (workers/shares.py)."""

    digest: str
    """SHA-256 of its token."""
    photographs: bool
    """Whether what the job was made from is seen with it."""


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
    share: Share | None = None
    format: int = FORMAT
    """Of its record (workers/formats.py): higher than FORMAT where newer code wrote it."""

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
            "format": str(self.format),
            "progress": to_json(self.progress), "attempt": "0", "version": "0",
            "error": "null", "result": "null", "preview": "null",
        }  # fmt: skip

    @classmethod
    def read(cls, record: Mapping[str, str]) -> Self:
        """A job from the fields of a hash, also of an older format."""
        record = up_to_date(record)
        error = json.loads(record["error"])
        digest = record.get("share")
        return cls(
            id=record["id"], owner=record["owner"], kind=record["kind"], queue=record["queue"],
            options=json.loads(record["options"]), inputs=json.loads(record["inputs"]),
            forecast=json.loads(record["forecast"]), request=record["request"],
            format=int(record["format"]),
            state=State(record["state"]), progress=Progress(**json.loads(record["progress"])),
            attempt=int(record["attempt"]), version=int(record["version"]),
            created_at=float(record["created_at"]),
            started_at=seconds(record.get("started_at")),
            finished_at=seconds(record.get("finished_at")),
            error=Failure(**error) if error else None,
            result=json.loads(record["result"]), preview=json.loads(record["preview"]),
            share=Share(digest, record["share_photographs"] == "1") if digest else None,
        )  # fmt: skip


def to_json(value: Progress | Failure) -> str:
    """As a record has it."""
    told = {name: each for name, each in asdict(value).items() if name != "scale"}
    return json.dumps(told, allow_nan=False, separators=(",", ":"))


def seconds(text: str | None) -> float | None:
    return float(text) if text else None
