"""The link by which anybody may see what came of a job."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from app.api.problems import problems
from app.api.schemas import JobPath
from app.keys import needs
from app.shares import share_job, unshare_job

blueprint = APIBlueprint("api_shares", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="jobs")])


class ShareBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    photographs: StrictBool = Field(
        False, description="Whether the photographs that were handed in are seen with the result."
    )


class ShareModel(BaseModel):
    url: str = Field(description="Keep it: it is not told again.")
    photographs: bool


@blueprint.post(
    "/jobs/<id>/share",
    operation_id="share_job",
    responses={"201": ShareModel, **problems("cross_site", "job_not_found", "not_shareable")},
)
@needs("share")
def share(path: JobPath, body: ShareBody) -> Response:
    """Make a link by which anybody sees the result, nothing else. The link before it ends."""
    url = share_job(path.id, body.photographs)
    made = ShareModel(url=url, photographs=body.photographs)
    response = Response(made.model_dump_json(), 201, mimetype="application/json")
    response.headers["Location"] = url
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.delete(
    "/jobs/<id>/share",
    operation_id="unshare_job",
    responses={"204": None, **problems("cross_site", "job_not_found")},
)
@needs("share")
def unshare(path: JobPath) -> Response:
    """End the link; where there is none, nothing changes."""
    unshare_job(path.id)
    return Response(status=204)
