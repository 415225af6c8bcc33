"""Data sets to train on: hand one in, and see which there are."""

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from app.api.answers import accepted
from app.api.forms import ARCHIVE, SubmissionHeader, archive_body
from app.api.problems import problems
from app.api.schemas import JobModel, JobPath
from app.archives import takes_archive
from app.datasets import LONGEST_TITLE, available, submit_data_set
from app.errors import Refusal
from app.keys import needs, submits
from app.pictures import send_picture
from app.security import current_owner, owned_job
from workers.glimpses import picture_of
from workers.thumbnails import MEDIA_TYPE

blueprint = APIBlueprint(
    "api_datasets", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="training")]
)

FORM = {
    "type": "object",
    "properties": {
        "archive": {**ARCHIVE, "description": "Photographs, in one of the formats that are read."},
        "title": {
            "type": "string",
            "maxLength": LONGEST_TITLE,
            "pattern": r"^[A-Za-z0-9 ._-]*$",
            "description": "What to call it on pages; letters of all languages will do.",
        },
    },
    "required": ["archive"],
    "additionalProperties": False,
}


WEBP = {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}


class GlimpsePath(JobPath):
    number: int = Field(description="1 and up: as the data set's page has them.", ge=1, le=9999)


class DataSetModel(BaseModel):
    name: str = Field(description="What `dataset` of a training calls it by.")
    title: str
    photographs: int
    classes: int


class DataSetsModel(BaseModel):
    datasets: list[DataSetModel]


@blueprint.get(
    "/datasets", operation_id="list_datasets", responses={"200": DataSetsModel, **problems()}
)
@needs("read")
def index() -> Response:
    """Your data sets that can be trained on, newest first, then those that all may use."""
    found = [DataSetModel.model_validate(vars(each)) for each in available(current_owner())]
    listed = DataSetsModel(datasets=found)
    return Response(listed.model_dump_json(), mimetype="application/json")


@blueprint.post(
    "/datasets",
    operation_id="take_in_dataset",
    openapi_extensions={"requestBody": archive_body(FORM)},
    responses={
        "202": JobModel,
        **problems(
            "cross_site", "too_large", "unsupported_media_type", "not_an_archive",
            "missing_dataset", "invalid_option", "idempotency_conflict", "queue_full", "owner_full",
            "busy", "store_full",
        ),
    },
)  # fmt: skip
@takes_archive
@submits("train")
def take_in(header: SubmissionHeader) -> Response:
    """Have an archive of photographs looked through; the job's id is then the data set's name."""
    if request.mimetype != "multipart/form-data":
        raise Refusal("unsupported_media_type")
    return accepted(
        submit_data_set(request.form, request.files, current_owner(), header.idempotency_key)
    )


@blueprint.get(
    "/jobs/<id>/photographs/<number>",
    operation_id="job_photograph",
    responses={
        "200": {"description": "The picture.", "content": WEBP},
        "304": {"description": "Not changed since the version in If-None-Match."},
        **problems("job_not_found", "not_found"),
    },
)
@needs("read")
def photograph(path: GlimpsePath) -> Response:
    """Of a data set's job: one of a few photographs of each class, at most 200 px."""
    job = owned_job(path.id)
    return send_picture(picture_of(job.id, path.number), MEDIA_TYPE, f"{job.version}-{path.number}")
