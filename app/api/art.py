"""POST /api/v1/art: two pictures in, a painting out."""

from typing import Any

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from app.api.answers import job_answer
from app.api.problems import problems
from app.api.schemas import JobModel
from app.errors import Refusal
from app.samples import read_samples
from app.security import current_owner
from app.submissions import submit_painting
from models.options import Option
from models.style.options import MAX_STYLES, PaintOptions

blueprint = APIBlueprint("api_art", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="art")])


def without_default(schema: dict[str, Any]) -> None:
    """None is no default that could be sent."""
    schema.pop("default", None)


class ArtHeader(BaseModel):
    idempotency_key: str = Field(
        "", alias="Idempotency-Key", max_length=200, pattern=r"^[!-~]+$",
        description="A word of your choice: sent again within a day it answers the same job.",
        json_schema_extra=without_default,
    )  # fmt: skip


def option_schema(option: Option) -> dict[str, Any]:
    """One option of the engine as JSON Schema."""
    names = {int: "integer", float: "number", str: "string", bool: "boolean"}
    described = {
        "type": names[option.type],
        "default": option.default,
        "description": f"{option.help} {f'In {option.unit}.' if option.unit else ''}".strip(),
        "minimum": option.minimum,
        "maximum": option.maximum,
        "enum": list(option.choices) or None,
        "pattern": f"^({option.pattern})?$" if option.pattern else None,
    }
    return {name: value for name, value in described.items() if value is not None}


def sample_schema(role: str) -> dict[str, Any]:
    """The name of a sample in place of a picture."""
    names = [each.name for each in read_samples().values() if each.role == role]
    return {
        "type": "string",
        "enum": names,
        "description": f"A picture that ships with Merian, in place of {role}.",
    }


PICTURE = {"type": "string", "format": "binary"}
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
        "content_sample": sample_schema("content"),
        "style_sample": sample_schema("style"),
        **{each.name: option_schema(each) for each in PaintOptions.describe()},
    },
    "allOf": [
        {"anyOf": [{"required": [name]} for name in (field, f"{field}_sample")]}
        for field in ("content", "style")
    ],
    "additionalProperties": False,
}
BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": FORM,
            "encoding": {
                "content": {"contentType": "image/jpeg, image/png, image/webp"},
                "style": {"contentType": "image/jpeg, image/png, image/webp"},
                "mask": {"contentType": "image/jpeg, image/png, image/webp"},
            },
        }
    },
}


@blueprint.post(
    "/art",
    operation_id="paint",
    openapi_extensions={"requestBody": BODY},
    responses={
        "202": JobModel,
        **problems(
            "cross_site", "too_large", "too_many_pixels", "unsupported_media_type", "not_a_picture",
            "unsupported_format", "missing_picture", "too_many_pictures", "empty_file", "truncated",
            "too_small", "too_costly", "not_enough_memory", "unknown_sample", "mask_count",
            "invalid_option", "idempotency_conflict", "queue_full", "store_full",
        ),
    },
)  # fmt: skip
def paint(header: ArtHeader) -> Response:
    """Paint a photograph in the style of a painting."""
    if request.mimetype != "multipart/form-data":
        raise Refusal("unsupported_media_type")
    job = submit_painting(request.form, request.files, current_owner(), header.idempotency_key)
    response = job_answer(job)
    response.status_code = 202
    response.headers["Location"] = response.json["links"]["self"]  # type: ignore[index]
    return response
