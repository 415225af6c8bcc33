"""What an owner says about the answer of a species job, and what is learned from it."""

from datetime import UTC, datetime
from functools import partial
from typing import Self

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from app import corrections
from app.api.models import ModelPath
from app.api.problems import problems
from app.api.schemas import JobPath
from app.keys import needs
from app.services import services
from app.zips import ZIP, Content, send_zip
from workers.corrections import Correction, photographs, table

blueprint = APIBlueprint(
    "api_corrections", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="training")]
)


class CorrectionBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: StrictStr = Field(
        description="A scientific name that the model knows, or the label of one of its classes.",
        min_length=1,
        max_length=200,
    )
    keep: StrictBool = Field(
        False,
        description="Whether you agree that the photographs are kept to learn from, also when the "
        "job is gone, until you withdraw this.",
    )


class CorrectionModel(BaseModel):
    job: str
    model: str
    label: str = Field(description="Of the model's class.")
    taxon: str = Field(description="Its scientific name; empty where it is no living thing.")
    was: str = Field(description="What the model found most probable; empty: nothing alive.")
    confirmed: bool = Field(description="Whether the model was right.")
    keep: bool
    at: datetime

    @classmethod
    def of(cls, correction: Correction) -> Self:
        said = correction.record() | {"at": datetime.fromtimestamp(correction.at, UTC)}
        return cls.model_validate(said)


@blueprint.put(
    "/jobs/<id>/correction",
    operation_id="correct",
    responses={
        "200": CorrectionModel,
        **problems(
            "cross_site", "job_not_found", "no_answer", "not_ready", "unknown_label",
            "unknown_model", "model_damaged", "not_found", "store_full",
        ),
    },
)  # fmt: skip
@needs("identify")
def correct(path: JobPath, body: CorrectionBody) -> Response:
    """Say what the photographs show, in place of what you said before."""
    return answer(corrections.correct(path.id, body.label, body.keep))


@blueprint.get(
    "/jobs/<id>/correction",
    operation_id="show_correction",
    responses={"200": CorrectionModel, **problems("job_not_found", "no_correction")},
)
@needs("read")
def show(path: JobPath) -> Response:
    """What you said about the answer."""
    return answer(corrections.correction_of(path.id))


@blueprint.delete(
    "/jobs/<id>/correction",
    operation_id="withdraw_correction",
    responses={"204": None, **problems("cross_site", "job_not_found", "no_correction")},
)
@needs("identify")
def withdraw(path: JobPath) -> Response:
    """Forget it; photographs that were kept are removed."""
    corrections.withdraw(path.id)
    return Response(status=204)


@blueprint.get(
    "/models/<name>/corrections",
    operation_id="export_corrections",
    responses={
        "200": {"description": "A data set: a folder a class.", "content": ZIP},
        **problems("unknown_model", "model_damaged", "no_correction"),
    },
)
@needs("read")
def export(path: ModelPath) -> Response:
    """The photographs that you let be kept, with what they show: a data set in a ZIP archive."""
    store, found = services().store, corrections.kept_corrections(path.name)
    pictures = [(name, partial(store.path, key)) for name, key in photographs(store, found)]
    files: list[tuple[str, Content]] = [("split.csv", table(store, found)), *pictures]
    return send_zip(f"{path.name}-corrections", files)


def answer(correction: Correction) -> Response:
    shown = CorrectionModel.of(correction)
    return Response(shown.model_dump_json(), mimetype="application/json")
