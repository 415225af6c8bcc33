"""POST /api/v1/species: photographs of one observation in, an answer out."""

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from app.api.answers import job_answer
from app.api.forms import PICTURE, SubmissionHeader, form_body, option_schema, sample_schema
from app.api.problems import problems
from app.api.schemas import JobModel
from app.errors import Refusal
from app.keys import submits
from app.observations import submit_observation
from app.security import current_owner
from app.waiting import preferred_wait, wait_until_over
from models.species.options import MAX_PHOTOGRAPHS, IdentifyOptions

blueprint = APIBlueprint(
    "api_species", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="species")]
)


class SpeciesHeader(SubmissionHeader):
    prefer: str = Field(
        "", alias="Prefer", max_length=200,
        description="`wait=10`: wait up to so many seconds, and answer 200 with the job if it is "
        "over by then.",
    )  # fmt: skip


FORM = {
    "type": "object",
    "properties": {
        "image": {
            "type": "array",
            "items": PICTURE,
            "minItems": 1,
            "maxItems": MAX_PHOTOGRAPHS,
            "description": "A photograph, or several of one observation.",
        },
        "image_sample": sample_schema("content", "image"),
        **{each.name: option_schema(each) for each in IdentifyOptions.describe()},
    },
    "anyOf": [{"required": ["image"]}, {"required": ["image_sample"]}],
    "additionalProperties": False,
}


@blueprint.post(
    "/species",
    operation_id="identify",
    openapi_extensions={"requestBody": form_body(FORM, "image")},
    responses={
        "200": JobModel,
        "202": JobModel,
        **problems(
            "cross_site", "too_large", "too_many_pixels", "unsupported_media_type", "not_a_picture",
            "unsupported_format", "missing_picture", "too_many_pictures", "empty_file", "truncated",
            "too_small", "too_costly", "unknown_sample", "invalid_option", "unknown_model",
            "model_damaged", "idempotency_conflict", "queue_full", "owner_full",
            "busy", "store_full",
        ),
    },
)  # fmt: skip
@submits("identify")
def identify(header: SpeciesHeader) -> Response:
    """Name the species in photographs of one observation."""
    if request.mimetype != "multipart/form-data":
        raise Refusal("unsupported_media_type")
    job = submit_observation(request.form, request.files, current_owner(), header.idempotency_key)
    if patience := preferred_wait():
        job = wait_until_over(job, patience)
    response = job_answer(job)
    response.status_code = 200 if patience and job.state.over else 202
    response.headers["Location"] = response.json["links"]["self"]  # type: ignore[index]
    if response.status_code == 200:
        response.headers["Preference-Applied"] = f"wait={patience}"
    return response
