"""The API of the course's plant classifier (Heredia 2017, arXiv:1706.03736): POST /api.

Its clients know five answers and, of a failure, a type and a description.
"""

import re
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request

from app.errors import Refusal
from app.facades.looking import Labels, look, sent_files
from app.keys import submits
from models.species.registry import DEFAULT

blueprint = Blueprint("course", __name__)
ADDRESSES = re.compile("/api")
ANSWERS = 5
# The types that its own documentation and code know; others are called by their HTTP status.
TYPES = {
    "missing_picture": "Empty query",
    "empty_file": "Empty query",
    "not_a_picture": "Local image format error",
    "unsupported_format": "Local image format error",
}
NO_ADDRESSES = "Merian fetches nothing from other servers. Send files, with mode=localfile."


@blueprint.post("/api")
@submits("identify")
def classify() -> Response:
    """Name what the files show, taken together as one observation."""
    mode = request.form.get("mode")
    if mode == "url":
        return error(HTTPStatus.BAD_REQUEST, "Failed url connection", NO_ADDRESSES)
    if mode != "localfile":
        return error(HTTPStatus.BAD_REQUEST, "Invalid mode", "The mode must be localfile.")
    labels = Labels.of(look(sent_files(), "files", DEFAULT, ANSWERS))
    return jsonify(
        pred_lab=labels.names,
        pred_prob=labels.probabilities,
        info=labels.info,
        google_images_link=labels.google_images,
        wikipedia_link=labels.wikipedia,
        status="OK",
    )


def failure(refusal: Refusal) -> Response:
    """400 for whatever is wrong with the pictures, as its clients expect."""
    theirs = (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY)
    status = HTTPStatus.BAD_REQUEST if refusal.status in theirs else refusal.status
    return error(status, TYPES.get(refusal.code, status.phrase), refusal.message)


def error(status: HTTPStatus, kind: str, description: str) -> Response:
    response = jsonify(status="error", Error_type=kind, Error_description=description)
    response.status_code = status
    return response
