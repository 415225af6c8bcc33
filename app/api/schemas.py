"""The shapes of what the API takes and gives; the OpenAPI document is made of these."""

from datetime import UTC, datetime
from typing import Any, Literal, Self

from flask import url_for
from pydantic import BaseModel, Field

from app.jobs import has_preview, has_result, painting
from app.services import services
from workers.jobs import Job, State

JOB_ID = r"^[0-9a-f]{32}$"


class JobPath(BaseModel):
    id: str = Field(description="The job's id.", pattern=JOB_ID)


class InputPath(JobPath):
    name: str = Field(
        description="content, style-0, style-1... mask-0...; image-0... of a species job.",
        pattern=r"^(content|(style|mask|image)-[0-9])$",
    )


class ImagePath(JobPath):
    name: str = Field(description="image-0, image-1...", pattern=r"^image-[0-9]$")


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
    format: Literal["", "png", "jpeg", "webp", "tiff", "avif", "json", "csv"] = Field(
        "", description="A painting in another format; of a species job json or csv."
    )


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


class PaintingModel(BaseModel):
    """Of an art job."""

    width: int
    height: int
    media_type: str
    seconds: float | None


class GuessModel(BaseModel):
    """A taxon, and how probable it is, given that the photographs show something alive."""

    name: str = Field(description="In English, or the scientific name where there is no other.")
    scientific_name: str
    rank: str
    probability: float = Field(ge=0, le=1)
    names: dict[str, str] = Field(description="Common names by language.")
    lineage: dict[str, str] = Field(description="Scientific names by rank, from the kingdom down.")
    links: dict[str, str] = Field(description="Where to read on: gbif, inaturalist, wikipedia.")


class BoxModel(BaseModel):
    """One specimen: where it is, in pixels from the upper left corner, and what it is."""

    image: str = Field(description="The photograph it is in: image-0, image-1...")
    left: float
    top: float
    width: float
    height: float
    answers: list[GuessModel]
    rollup: GuessModel | None


class PhotographModel(BaseModel):
    name: str = Field(description="image-0, image-1...")
    width: int
    height: int
    heatmap: str = Field(description="Address of a picture of where the network looked.")


class AnswerModel(BaseModel):
    """Of a species job."""

    model: str
    rejected: bool
    reason: str = Field(
        description="Why it is rejected: not_alive, unknown, unsure; empty where it is not."
    )
    alive: float = Field(description="Probability that it is a living thing of the model.")
    answers: list[GuessModel] = Field(description="The most probable taxa, best first.")
    rollup: GuessModel | None = Field(description="The narrowest group that is sure enough.")
    path: list[GuessModel] = Field(
        description="The best group at each rank, from the kingdom down."
    )
    prediction_set: list[str] | None = Field(
        description="Scientific names among which the right one is, as often as the card promises."
    )
    boxes: list[BoxModel]
    photographs: list[PhotographModel]
    seconds: float

    @classmethod
    def of(cls, job: Job) -> Self:
        """Of a species job that succeeded."""
        said = dict(job.result or {})
        seen = [
            each | {"heatmap": url_for("api_jobs.heatmap", id=job.id, name=each["name"])}
            for each in said["photographs"]
        ]
        return cls.model_validate(said | {"photographs": seen})


class DataSetReportModel(BaseModel):
    """Of a dataset job."""

    report: dict[str, Any] = Field(
        description="title, photographs, classes, counts by class and split, broken, duplicates, "
        "leaks, warnings..."
    )
    seconds: float


class TrainedModel(BaseModel):
    """Of a training job."""

    model: str = Field(description="The model's name.")
    metrics: dict[str, Any]
    curves: list[dict[str, Any]] = Field(
        description="An epoch each: phase, epoch, train_loss, val_loss, val_top1, seconds."
    )
    report: dict[str, Any] | None = Field(None, description="What the data set's job says of it.")
    seconds: float


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
    """One painting, one naming, one data set or one training on its way."""

    id: str = Field(pattern=JOB_ID)
    kind: str = Field(description="art, species, dataset or training.")
    state: State
    position: int | None = Field(description="Jobs before this one; 0 is next. null: not waiting.")
    progress: ProgressModel
    eta_seconds: float | None = Field(description="Seconds until it is likely done, where known.")
    attempt: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: FailureModel | None
    result: PaintingModel | AnswerModel | DataSetReportModel | TrainedModel | None
    forecast: ForecastModel | None = Field(description="Of a painting; else null.")
    shared: bool = Field(description="Whether there is a link by which anybody sees the result.")
    links: LinksModel

    @classmethod
    def of(cls, job: Job) -> Self:
        ledger = services().ledger
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
                "result": result(job),
                "forecast": dict(job.forecast) or None,
                "shared": job.share is not None,
                "links": links(job),
            }
        )


class JobsModel(BaseModel):
    jobs: list[JobModel]
    next_cursor: str | None


def result(
    job: Job,
) -> PaintingModel | AnswerModel | DataSetReportModel | TrainedModel | None:
    if job.kind != "art":
        return told(job) if job.result else None
    made = painting(job)
    return PaintingModel.model_validate(vars(made)) if made else None


def told(job: Job) -> AnswerModel | DataSetReportModel | TrainedModel:
    """What a job of any other kind than art says when it has succeeded."""
    match job.kind:
        case "dataset":
            return DataSetReportModel.model_validate(job.result)
        case "training":
            return TrainedModel.model_validate(job.result)
    return AnswerModel.of(job)


def moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def links(job: Job) -> dict[str, Any]:
    """Where everything of the job is. A preview's address changes with the preview."""
    preview = None
    if has_preview(job):
        version = (job.preview or {})["version"]
        preview = url_for("api_jobs.preview", id=job.id, v=version)
    pictures = [name for name in job.inputs if name != "archive"]
    return {
        "self": url_for("api_jobs.show", id=job.id),
        "events": url_for("api_jobs.events", id=job.id),
        "result": url_for("api_jobs.result", id=job.id) if has_result(job) else None,
        "preview": preview,
        "cancel": url_for("api_jobs.cancel", id=job.id),
        "page": f"/jobs/{job.id}",
        "inputs": {name: url_for("api_jobs.input", id=job.id, name=name) for name in pictures},
    }
