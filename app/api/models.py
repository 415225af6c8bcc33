"""What can paint and what can name species; models of one's own to keep or to remove."""

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from app.api.problems import problems
from app.keys import needs
from app.own_models import may_change, model_files, remove_model
from app.services import services
from app.zips import ZIP, send_zip
from models.species.card import Card
from models.species.registry import DEFAULT
from models.style.options import PAINTERS, PaintOptions

blueprint = APIBlueprint(
    "api_models", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="models")]
)


class ModelPath(BaseModel):
    name: str = Field(description="The model's name.", pattern=r"^[\w.-]{1,64}$")


class ModelModel(BaseModel):
    """A painter or a species model; what only the latter has is null for a painter."""

    name: str
    kind: str = Field(description="painter or species.")
    default: bool = Field(description="Whether it is taken where none is named.")
    yours: bool = Field(default=False, description="Whether you may replace or remove it.")
    version: str | None = None
    title: dict[str, str] | None = Field(default=None, description="By language.")
    description: dict[str, str] | None = Field(default=None, description="By language.")
    licence: str | None = None
    classes: int | None = Field(default=None, description="How many classes it tells apart.")
    taxa: int | None = Field(default=None, description="How many of its answers are living things.")
    card: dict[str, Any] | None = Field(
        default=None,
        description="The whole card, classes with their taxonomy included: of one model only.",
    )


class ModelsModel(BaseModel):
    models: list[ModelModel]
    refused: list[str] = Field(description="Why folders that hold a card are not served.")


@blueprint.get("/models", operation_id="list_models", responses={"200": ModelsModel, **problems()})
@needs("read")
def index() -> Response:
    """The painters and the species models."""
    registry = services().registry
    listed = ModelsModel(
        models=[painter(name) for name in PAINTERS]
        + [species(model.card) for model in registry.models()],
        refused=registry.refused(),
    )
    return Response(listed.model_dump_json(), mimetype="application/json")


@blueprint.get(
    "/models/<name>",
    operation_id="show_model",
    responses={"200": ModelModel, **problems("unknown_model", "model_damaged")},
)
@needs("read")
def show(path: ModelPath) -> Response:
    """One of them, a species model with its whole card."""
    if path.name in PAINTERS:
        found = painter(path.name)
    else:
        card = services().registry.get(path.name).card
        found = species(card).model_copy(update={"card": card.record()})
    return Response(found.model_dump_json(), mimetype="application/json")


@blueprint.get(
    "/models/<name>/download",
    operation_id="download_model",
    responses={
        "200": {"description": "The model's folder.", "content": ZIP},
        **problems("unknown_model", "model_damaged", "model_packaged"),
    },
)
@needs("read")
def download(path: ModelPath) -> Response:
    """A model that was trained here, as a ZIP archive: to be unpacked into the models' folder."""
    return send_zip(path.name, model_files(path.name))


@blueprint.delete(
    "/models/<name>",
    operation_id="remove_model",
    responses={
        "204": None,
        **problems("cross_site", "unknown_model", "model_packaged", "not_yours"),
    },
)
@needs("delete")
def remove(path: ModelPath) -> Response:
    """Remove a model of yours."""
    remove_model(path.name)
    return Response(status=204)


def painter(name: str) -> ModelModel:
    return ModelModel(name=name, kind="painter", default=name == PaintOptions.painter)


def species(card: Card) -> ModelModel:
    return ModelModel(
        name=card.name, kind="species", default=card.name == DEFAULT, yours=may_change(card.name),
        version=card.version,
        title=card.title, description=card.description, licence=card.licence,
        classes=len(card.classes), taxa=len(card.taxa),
    )  # fmt: skip
