"""POST /api/v1/art: two pictures in, a painting out."""

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from app.api.answers import accepted
from app.api.forms import PICTURE, SubmissionHeader, form_body, option_schema, sample_schema
from app.api.problems import problems
from app.api.schemas import JobModel
from app.errors import Refusal
from app.keys import submits
from app.paintings import submit_painting
from app.security import current_owner
from models.style.options import MAX_STYLES, PaintOptions

blueprint = APIBlueprint("api_art", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="art")])


FORM = {
    "type": "object",
    "properties": {
        "content": {**PICTURE, "description": "The photograph."},
        "style": {
            "type": "array",
            "items": PICTURE,
            "minItems": 1,
            "maxItems": MAX_STYLES,
            "description": "The painting, or several of which the style is mixed.",
        },
        "mask": {
            "type": "array",
            "items": PICTURE,
            "maxItems": MAX_STYLES,
            "description": "Where each style goes (white) and where the photograph stays (black): "
            "one for each style in their order, or none.",
        },
        "content_sample": sample_schema("content", "content"),
        "style_sample": sample_schema("style", "style"),
        **{each.name: option_schema(each) for each in PaintOptions.describe()},
    },
    "allOf": [
        {"anyOf": [{"required": [name]} for name in (field, f"{field}_sample")]}
        for field in ("content", "style")
    ],
    "additionalProperties": False,
}


@blueprint.post(
    "/art",
    operation_id="paint",
    openapi_extensions={"requestBody": form_body(FORM, "content", "style", "mask")},
    responses={
        "202": JobModel,
        **problems(
            "cross_site", "too_large", "too_many_pixels", "unsupported_media_type", "not_a_picture",
            "unsupported_format", "missing_picture", "too_many_pictures", "empty_file", "truncated",
            "too_small", "too_costly", "not_enough_memory", "unknown_sample", "mask_count",
            "invalid_option", "idempotency_conflict", "queue_full", "owner_full",
            "busy", "store_full",
        ),
    },
)  # fmt: skip
@submits("paint")
def paint(header: SubmissionHeader) -> Response:
    """Paint a photograph in the style of a painting."""
    if request.mimetype != "multipart/form-data":
        raise Refusal("unsupported_media_type")
    return accepted(
        submit_painting(request.form, request.files, current_owner(), header.idempotency_key)
    )
