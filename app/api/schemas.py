"""The shapes of what the API takes and gives; the OpenAPI document is made of these."""

from datetime import UTC, datetime
from typing import Any, Self

from flask import url_for
from pydantic import BaseModel, Field

from app.jobs import painting
from app.services import services
from workers.jobs import Job, State

JOB_ID = r"^[0-9a-f]{32}$"


class JobPath(BaseModel):
    id: str = Field(description="The job's id.", pattern=JOB_ID)


class InputPath(JobPath):
    name: str = Field(
        description="content, style-0, style-1... mask-0...",
        pattern=r"^(content|(style|mask)-[0-9])$",
    )


class JobsQuery(BaseModel):
    limit: int = Field(20, description="Jobs a page.", ge=1, le=100)
    cursor: str = Field(
        "",
        description="`next_cursor` of the page before; nothing for the first.",
        pattern=r"^([0-9]{17}-[0-9a-f]{32})?$",
    )


class ResultQuery(BaseModel):
    download: bool = Field(False, description="As a file to keep, with a name.")
    shown: bool = Field(False, description="As browsers show it: of a TIFF, a PNG of 8 bits.")


class ProblemModel(BaseModel):
    """RFC 9457. `code` is for programs: docs/api.md lists them all."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = Field(None, description="The field or parameter at fault.")


class ProgressModel(BaseModel):
    step: int
    steps: int
    fraction: float = Field(description="From 0 to 1, weighted by cost.", ge=0, le=1)
    message: str
    losses: dict[str, float]


class FailureModel(BaseModel):
    code: str
    message: str = Field(description="A sentence that a person can act on.")


class ResultModel(BaseModel):
    width: int
    height: int
    media_type: str
    seconds: float | None


class ForecastModel(BaseModel):
    """What was known before it began."""

    width: int
    height: int
    memory_bytes: int = Field(description="Memory that the worker will take at most, or so.")


class LinksModel(BaseModel):
    self: str
    events: str
    result: str | None = Field(description="null until there is one.")
    preview: str | None = Field(description="null until there is one; changes with every preview.")
    cancel: str
    page: str
    inputs: dict[str, str]


class JobModel(BaseModel):
    """One painting on its way."""

    id: str = Field(pattern=JOB_ID)
    kind: str
    state: State
    position: int | None = Field(description="Jobs before this one; 0 is next. null: not waiting.")
    progress: ProgressModel
    eta_seconds: float | None = Field(description="Seconds until it is likely done, where known.")
    attempt: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: FailureModel | None
    result: ResultModel | None
    forecast: ForecastModel | None = Field(description="null for jobs of earlier versions.")
    links: LinksModel

    @classmethod
    def of(cls, job: Job) -> Self:
        ledger = services().ledger
        made = painting(job)
        return cls.model_validate(
            {
                "id": job.id,
                "kind": job.kind,
                "state": job.state,
                "position": ledger.position(job),
                "progress": vars(job.progress),
                "eta_seconds": ledger.eta_seconds(job),
                "attempt": job.attempt,
                "created_at": moment(job.created_at),
                "started_at": moment(job.started_at),
                "finished_at": moment(job.finished_at),
                "error": vars(job.error) if job.error else None,
                "result": vars(made) if made else None,
                "forecast": dict(job.forecast) or None,
                "links": links(job),
            }
        )


class JobsModel(BaseModel):
    jobs: list[JobModel]
    next_cursor: str | None


def moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def links(job: Job) -> dict[str, Any]:
    """Where everything of the job is. A preview's address changes with the preview."""
    preview = job.preview and url_for("api_jobs.preview", id=job.id, v=job.preview["version"])
    return {
        "self": url_for("api_jobs.show", id=job.id),
        "events": url_for("api_jobs.events", id=job.id),
        "result": url_for("api_jobs.result", id=job.id) if painting(job) else None,
        "preview": preview,
        "cancel": url_for("api_jobs.cancel", id=job.id),
        "page": f"/jobs/{job.id}",
        "inputs": {name: url_for("api_jobs.input", id=job.id, name=name) for name in job.inputs},
    }
