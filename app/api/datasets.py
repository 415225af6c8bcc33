"""Data sets to train on: hand one in, and see which there are."""

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from app.api.answers import accepted
from app.api.forms import ARCHIVE, SubmissionHeader, archive_body
from app.api.problems import problems
from app.api.schemas import JobModel
from app.archives import takes_archive
from app.datasets import LONGEST_TITLE, available, submit_data_set
from app.errors import Refusal
from app.keys import needs, submits
from app.security import current_owner

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
