"""The OpenAPI document, and pages to read and try it that come with the server."""

from pathlib import Path

import flask_openapi3_swagger
from flask import Blueprint, Response, current_app, jsonify, render_template

from app.keys import needs

blueprint = Blueprint(
    "api_docs",
    __name__,
    url_prefix="/api/v1",
    static_folder=Path(flask_openapi3_swagger.__file__).parent / "templates" / "swagger",
    static_url_path="/docs/files",
)


@blueprint.get("/openapi.json")
@needs("read")
def document() -> Response:
    """OpenAPI 3.1."""
    return jsonify(current_app.api_doc)  # type: ignore[attr-defined]


@blueprint.get("/docs")
@needs("read")
def docs() -> str:
    """Swagger UI on the document."""
    return render_template("api/docs.html")
