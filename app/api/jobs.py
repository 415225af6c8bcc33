"""The jobs of an owner: list, show, follow, fetch the pictures, cancel, remove."""

from typing import Any

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from app.api.answers import job_answer, job_answer_if_changed
from app.api.problems import problems
from app.api.schemas import (
    ImagePath,
    InputPath,
    JobModel,
    JobPath,
    JobsModel,
    JobsQuery,
    ResultQuery,
    told,
)
from app.downloads import ANSWERS, PICTURES, answer_table, send_painting
from app.errors import Refusal
from app.jobs import cancel_job, has_preview, painting, remove_job, shown
from app.keys import needs
from app.pictures import send_picture
from app.security import current_owner, owned_job
from app.services import services
from app.streams import stream_events
from workers.jobs import Job

blueprint = APIBlueprint("api_jobs", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="jobs")])

PNG = {"image/png": {"schema": {"type": "string", "format": "binary"}}}
JPEG = {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}
PAINTINGS = {
    kind.media_type: {"schema": {"type": "string", "format": "binary"}}
    for kind in PICTURES.values()
}
TEXT = {"schema": {"type": "string"}}
EVENT = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "Send the last one as Last-Event-ID to go on."},
        "event": {"type": "string", "enum": ["state", "progress", "preview"]},
        "data": {
            "type": "string",
            "description": "JSON: state, version, attempt, progress, preview, error.",
        },
    },
    "required": ["id", "event", "data"],
}
UNCHANGED: dict[str | int, Any] = {
    "304": {"description": "Not changed since the version in If-None-Match."}
}


TOLD = [
    {"$ref": f"#/components/schemas/{name}"}
    for name in ("AnswerModel", "DataSetReportModel", "TrainedModel")
]
RESULT: dict[str | int, Any] = {
    "200": {
        "description": "The painting, or what there is to say.",
        "content": PAINTINGS | {"application/json": {"schema": {"anyOf": TOLD}}, "text/csv": TEXT},
    }
}


def picture(*contents: dict[str, Any]) -> dict[str | int, Any]:
    """The `responses` of an operation that answers with a picture."""
    kinds = {name: about for content in contents for name, about in content.items()}
    return {"200": {"description": "The picture.", "content": kinds}} | UNCHANGED


@blueprint.get("/jobs", operation_id="list_jobs", responses={"200": JobsModel, **problems()})
@needs("read")
def index(query: JobsQuery) -> Response:
    """Your jobs, newest first."""
    jobs, following = services().ledger.page(current_owner(), query.limit, query.cursor or None)
    listed = JobsModel(jobs=[JobModel.of(job) for job in jobs], next_cursor=following)
    return Response(listed.model_dump_json(), mimetype="application/json")


@blueprint.get(
    "/jobs/<id>",
    operation_id="show_job",
    responses={"200": JobModel, **UNCHANGED, **problems("job_not_found")},
)
@needs("read")
def show(path: JobPath) -> Response:
    """One job as it stands; `If-None-Match` with its `ETag` makes asking often cheap."""
    return job_answer_if_changed(owned_job(path.id))


@blueprint.get(
    "/jobs/<id>/events",
    operation_id="follow_job",
    responses={
        "200": {
            "description": "Server-sent events: state, progress, preview.",
            "content": {"text/event-stream": {"schema": EVENT}},
        },
        "204": {"description": "The job is over, and you have seen its last event."},
        **problems("job_not_found", "too_many_streams"),
    },
)
@needs("read")
def events(path: JobPath) -> Response:
    """Everything that happens to the job, from the beginning or from `Last-Event-ID` on."""
    return stream_events(owned_job(path.id), request.headers.get("Last-Event-ID", ""))


@blueprint.get(
    "/jobs/<id>/result",
    operation_id="job_result",
    responses={
        **RESULT,
        **UNCHANGED,
        **problems("job_not_found", "no_result", "not_ready", "busy", "too_costly", "store_full"),
    },
)
@needs("read")
def result(path: JobPath, query: ResultQuery) -> Response:
    """The painting; of a cancelled job, what was painted until then. Of others what they say."""
    job = owned_job(path.id)
    stem = f"merian-{job.id[:8]}"
    if job.kind != "art" and job.result:
        return words(job, query, stem)
    made = painting(job)
    if made is None:
        raise Refusal("no_result" if job.state.over else "not_ready")
    if query.format:
        if query.format not in PICTURES:
            raise wrong_format(", ".join(PICTURES))
        return send_painting(job, made, query.format, stem, keep=query.download)
    if query.shown:
        made = shown(job, made)
    name = f"{stem}{made.ending}" if query.download else None
    return send_picture(made.key, made.media_type, f"{job.version}{made.ending}", name)


def words(job: Job, query: ResultQuery, stem: str) -> Response:
    """What a job of another kind than art has to say."""
    possible = ANSWERS if job.kind == "species" else ANSWERS[:1]
    format = query.format or "json"
    if format not in possible:
        raise wrong_format(", ".join(possible))
    if format == "csv":
        response = Response(answer_table(job.result or {}), mimetype="text/csv")
    else:
        response = Response(told(job).model_dump_json(), mimetype="application/json")
    if query.download:
        response.headers.set("Content-Disposition", "attachment", filename=f"{stem}.{format}")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def wrong_format(possible: str) -> Refusal:
    return Refusal("invalid_parameter", f"The format must be one of {possible}.", "format")


@blueprint.get(
    "/jobs/<id>/preview",
    operation_id="job_preview",
    responses={
        **picture(JPEG),
        **problems("job_not_found", "no_preview"),
    },
)
@needs("read")
def preview(path: JobPath) -> Response:
    """The painting so far, at most 512 px."""
    job = owned_job(path.id)
    if job.preview is None or not has_preview(job):
        raise Refusal("no_preview")
    return send_picture(job.preview["key"], "image/jpeg", str(job.preview["version"]))


@blueprint.get(
    "/jobs/<id>/inputs/<name>",
    operation_id="job_input",
    responses={**picture(JPEG), **problems("job_not_found", "not_found")},
)
@needs("read")
def input(path: InputPath) -> Response:
    """A picture that the job was given, as it was cleaned."""
    job = owned_job(path.id)
    if path.name not in job.inputs:
        raise Refusal("not_found")
    return send_picture(job.inputs[path.name], "image/jpeg", path.name)


@blueprint.get(
    "/jobs/<id>/heatmaps/<name>",
    operation_id="job_heatmap",
    responses={
        "200": {"description": "The picture.", "content": PNG},
        **UNCHANGED,
        **problems("job_not_found", "not_found"),
    },
)
@needs("read")
def heatmap(path: ImagePath) -> Response:
    """Where the network looked: a picture with transparency, to be laid over the photograph."""
    job = owned_job(path.id)
    for each in (job.result or {}).get("photographs", []):
        if each["name"] == path.name:
            return send_picture(each["heatmap"], "image/png", f"{job.version}{path.name}")
    raise Refusal("not_found")


@blueprint.post(
    "/jobs/<id>/cancel",
    operation_id="cancel_job",
    responses={
        "200": JobModel,
        **problems("cross_site", "job_not_found", "already_finished"),
    },
)
@needs("delete")
def cancel(path: JobPath) -> Response:
    """Stop the job; what was painted so far stays. Again changes nothing."""
    return job_answer(cancel_job(path.id))


@blueprint.delete(
    "/jobs/<id>",
    operation_id="remove_job",
    responses={"204": None, **problems("cross_site", "job_not_found")},
)
@needs("delete")
def remove(path: JobPath) -> Response:
    """Remove the job with every picture, preview and event of it."""
    remove_job(path.id)
    return Response(status=204)
