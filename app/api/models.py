"""GET /api/v1/models: what can paint."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from app.api.problems import problems
from models.style.options import PAINTERS, PaintOptions

blueprint = APIBlueprint(
    "api_models", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="models")]
)


class ModelModel(BaseModel):
    name: str
    kind: str
    default: bool


class ModelsModel(BaseModel):
    models: list[ModelModel]


@blueprint.get("/models", operation_id="list_models", responses={"200": ModelsModel, **problems()})
def index() -> Response:
    """The painters."""
    listed = [
        ModelModel(name=name, kind="painter", default=name == PaintOptions.painter)
        for name in PAINTERS
    ]
    return Response(ModelsModel(models=listed).model_dump_json(), mimetype="application/json")
