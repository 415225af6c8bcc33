"""POST /api/v1/training: photographs and options in, a model of one's own out."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from app.api.answers import accepted
from app.api.forms import ARCHIVE, SubmissionHeader, archive_body, option_schema
from app.api.problems import problems
from app.api.schemas import JobModel
from app.archives import takes_archive
from app.errors import Refusal
from app.keys import submits
from app.security import current_owner
from app.trainings import REFIT, submit_training
from models.options import InvalidOption, type_names
from models.training.options import NAME, TrainOptions

blueprint = APIBlueprint(
    "api_training", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="training")]
)

OPTIONS = {each.name: each for each in TrainOptions.describe()}
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
FIELDS: dict[str, Any] = {
    **{name: option_schema(each) for name, each in OPTIONS.items()},
    "name": {"type": "string", "pattern": f"^{NAME}$", "description": OPTIONS["name"].help},
    "dataset": {
        "type": "string",
        "minLength": 1,
        "description": "The name of a data set, as /api/v1/datasets lists them.",
    },
}
PLAIN: dict[str, Any] = {
    "type": "object",
    "properties": FIELDS,
    "required": ["name"],
    "anyOf": [
        {"required": ["dataset"]},
        {"required": ["mode"], "properties": {"mode": {"const": REFIT}}},
    ],
    "additionalProperties": False,
}
ALONE = {**ARCHIVE, "description": "In place of dataset: photographs for this training alone."}
WITH_ARCHIVE = PLAIN | {
    "properties": FIELDS | {"archive": ALONE},
    "anyOf": [*PLAIN["anyOf"], {"required": ["archive"]}],
    "not": {"required": ["archive", "dataset"]},
}


@blueprint.post(
    "/training",
    operation_id="train",
    openapi_extensions={"requestBody": archive_body(WITH_ARCHIVE, PLAIN)},
    responses={
        "202": JobModel,
        **problems(
            "cross_site", "too_large", "unsupported_media_type", "not_an_archive",
            "missing_dataset", "unknown_dataset", "unknown_model", "model_exists", "not_yours",
            "not_ready", "invalid_option", "idempotency_conflict", "queue_full", "owner_full",
            "busy", "store_full",
        ),
    },
)  # fmt: skip
@takes_archive
@submits("train")
def train(header: SubmissionHeader) -> Response:
    """Train a model, or refit one of yours; it takes minutes to hours."""
    return accepted(submit_training(sent(), request.files, current_owner(), header.idempotency_key))


def sent() -> Mapping[str, Any]:
    """The options of a form, or of a JSON object. Raises `Refusal`, `InvalidOption`."""
    if request.mimetype in FORMS:
        return request.form
    if request.mimetype != "application/json":
        raise Refusal("unsupported_media_type")
    values = request.get_json(silent=True)
    if not isinstance(values, dict):
        raise Refusal("bad_request")
    return {name: typed(name, value) for name, value in values.items()}


def typed(name: str, value: Any) -> Any:
    """JSON has types, where a form has text alone; its 2.0 is whole. Raises `InvalidOption`."""
    wanted = OPTIONS[name].type if name in OPTIONS else str
    given = type(value)
    if wanted is int and given is float and value.is_integer():
        return int(value)
    if given is not wanted and (wanted, given) != (float, int):
        raise InvalidOption(name, f"must be {type_names[wanted]}.")
    return value
