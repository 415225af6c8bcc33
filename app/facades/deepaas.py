"""DEEPaaS V2 (ai4os/DEEPaaS): species models, and predictions as its classifiers tell them."""

import re
from typing import Any

from flask import Blueprint, Response, jsonify, url_for

from app.errors import Refusal
from app.facades.looking import Labels, look, sent_files
from app.keys import needs, submits
from app.services import services
from models.species.card import Card

blueprint = Blueprint("deepaas", __name__, url_prefix="/v2/models")
ADDRESSES = re.compile(r"/v2/models(/.*)?")
ANSWERS = 5


@blueprint.get("/", strict_slashes=False)
@needs("read")
def index() -> Response:
    return jsonify(models=[metadata(model.card) for model in services().registry.models()])


@blueprint.get("/<name>/", strict_slashes=False)
@needs("read")
def show(name: str) -> Response:
    return jsonify(metadata(services().registry.get(name).card))


@blueprint.post("/<name>/predict/", strict_slashes=False)
@submits("identify")
def predict(name: str) -> Response:
    """Name what the files show, taken together as one observation.

    DEEPaaS wraps what a module answers in `predictions`, but not where the module has a schema, as
    newer image classifiers have: clients of both find what they look for.
    """
    labels = Labels.of(look(sent_files(), "data", name, ANSWERS))
    predictions = {
        "labels": labels.names,
        "probabilities": labels.probabilities,
        "labels_info": labels.info,
        "links": {"Google Images": labels.google_images, "Wikipedia": labels.wikipedia},
    }
    return jsonify({"status": "OK", "predictions": predictions} | predictions)


def metadata(card: Card) -> dict[str, Any]:
    """A card in DEEPaaS's words. Who made the model is not on our cards."""
    address = url_for("deepaas.show", name=card.name)
    return {
        "id": card.name,
        "name": card.name,
        "description": card.description.get("en", ""),
        "license": card.licence,
        "author": "",
        "version": card.version,
        "url": url_for("api_models.show", name=card.name, _external=True),
        "help": url_for("api_docs.docs", _external=True),
        "links": [{"rel": "self", "href": address, "type": "application/json"}],
    }


def failure(refusal: Refusal) -> Response:
    """`message` as DEEPaaS's own Failure has it, `status` as its image classifiers do."""
    response = jsonify(status="error", message=refusal.message)
    response.status_code = refusal.status
    return response
