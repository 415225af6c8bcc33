"""Photographs that a training measured its model with: what they show and what was made of them."""

from typing import Self

from flask import Response, url_for
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from app.api.problems import problems
from app.api.schemas import JobPath
from app.errors import Refusal
from app.judged import chosen, kept
from app.keys import needs
from app.pictures import send_picture
from app.security import owned_job
from workers.judged import Judged, picture_of
from workers.thumbnails import MEDIA_TYPE

blueprint = APIBlueprint(
    "api_judged", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="training")]
)

WEBP = {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}


class JudgedQuery(BaseModel):
    truth: str = Field("", description="Only photographs of this class.", max_length=200)
    named: str = Field("", description="Only those that were named so.", max_length=200)


class JudgedPath(JobPath):
    number: int = Field(description="As the list has it.", ge=1, le=9999)


class SharedModel(BaseModel):
    label: str
    probability: float = Field(ge=0, le=1)


class JudgedModel(BaseModel):
    number: int
    truth: str = Field(description="The label of what it shows.")
    right: bool = Field(description="Whether the first answer is that.")
    answers: list[SharedModel] = Field(description="The first three, the most probable first.")
    picture: str = Field(description="Address of a small WebP.")
    width: int
    height: int

    @classmethod
    def of(cls, id: str, each: Judged) -> Self:
        return cls(
            number=each.number, truth=each.truth, right=each.right,
            answers=[SharedModel(label=label, probability=share) for label, share in each.answers],
            picture=url_for("api_judged.picture", id=id, number=each.number),
            width=each.width, height=each.height,
        )  # fmt: skip


class EvaluationModel(BaseModel):
    photographs: list[JudgedModel] = Field(
        description="Those that were kept: mistakes first, then some of each class that are right. "
        "None of a training that kept none, as when a model was taught again."
    )


@blueprint.get(
    "/jobs/<id>/evaluation",
    operation_id="job_evaluation",
    responses={"200": EvaluationModel, **problems("job_not_found", "not_found")},
)
@needs("read")
def index(path: JobPath, query: JudgedQuery) -> Response:
    """Of a training: photographs that its model was measured with, and what it said of each."""
    job = owned_job(path.id)
    if job.kind != "training":
        raise Refusal("not_found")
    found = chosen(kept(job), query.truth, query.named)
    listed = EvaluationModel(photographs=[JudgedModel.of(job.id, each) for each in found])
    return Response(listed.model_dump_json(), mimetype="application/json")


@blueprint.get(
    "/jobs/<id>/evaluation/<number>",
    operation_id="job_evaluation_picture",
    responses={
        "200": {"description": "The picture.", "content": WEBP},
        "304": {"description": "Not changed since the version in If-None-Match."},
        **problems("job_not_found", "not_found"),
    },
)
@needs("read")
def picture(path: JudgedPath) -> Response:
    """One of the photographs, at most 200 px."""
    job = owned_job(path.id)
    return send_picture(picture_of(job.id, path.number), MEDIA_TYPE, f"{job.version}-{path.number}")
