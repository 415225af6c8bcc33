"""How the OpenAPI document describes forms with pictures and options."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from app.samples import read_samples
from models.options import Option

PICTURE = {"type": "string", "format": "binary"}
ARCHIVE = {"type": "string", "format": "binary", "contentMediaType": "application/zip"}
TYPES = {int: "integer", float: "number", str: "string", bool: "boolean"}


def without_default(schema: dict[str, Any]) -> None:
    """None is no default that could be sent."""
    schema.pop("default", None)


class SubmissionHeader(BaseModel):
    idempotency_key: str = Field(
        "", alias="Idempotency-Key", max_length=200, pattern=r"^[!-~]+$",
        description="A word of your choice: sent again within a day it answers the same job.",
        json_schema_extra=without_default,
    )  # fmt: skip


def option_schema(option: Option) -> dict[str, Any]:
    """One option of an engine as JSON Schema."""
    described = {
        "type": TYPES[option.type],
        "default": option.default,
        "description": f"{option.help} {f'In {option.unit}.' if option.unit else ''}".strip(),
        "minimum": option.minimum,
        "maximum": option.maximum,
        "enum": list(option.choices) or None,
        "pattern": f"^({option.pattern})?$" if option.pattern else None,
    }
    return {name: value for name, value in described.items() if value is not None}


def sample_schema(role: str, field: str) -> dict[str, Any]:
    """The name of a sample in place of a picture."""
    names = [each.name for each in read_samples().values() if each.role == role]
    return {
        "type": "string",
        "enum": names,
        "description": f"A picture that ships with Merian, in place of {field}.",
    }


def form_body(form: Mapping[str, Any], *pictures: str) -> dict[str, Any]:
    """The body of an operation that takes `form`; which of its fields are `pictures`."""
    kinds = {"contentType": "image/jpeg, image/png, image/webp"}
    content = {"schema": form, "encoding": dict.fromkeys(pictures, kinds)}
    return {"required": True, "content": {"multipart/form-data": content}}


def archive_body(
    form: Mapping[str, Any], without: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The body of an operation that takes a form with an archive, or words alone."""
    encoding = {"archive": {"contentType": "application/zip"}}
    content: dict[str, Any] = {"multipart/form-data": {"schema": form, "encoding": encoding}}
    if without:
        content |= {
            "application/x-www-form-urlencoded": {"schema": without},
            "application/json": {"schema": without},
        }
    return {"required": True, "content": content}
