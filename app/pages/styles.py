"""The styles that a reader keeps: shown on the Art page, kept from a painting, forgotten."""

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from app.errors import Refusal
from app.kept import OF_STYLE, drop_style, keep_styles, style_key
from app.keys import needs
from app.pictures import send_picture
from app.security import owned_job

pages = Blueprint("styles", __name__)


@pages.get("/styles/<id>")
@needs("read")
def show(id: str) -> Response:
    """The picture. Raises `Refusal`, `ArtifactMissing`."""
    if not OF_STYLE.fullmatch(f"kept-{id}"):
        raise Refusal("not_found")
    return send_picture(style_key(id), "image/jpeg", id)


@pages.post("/styles")
@needs("paint")
def keep() -> Answer:
    """Keep the paintings that a job was painted after. Raises `JobNotFound`, `Refusal`."""
    keep_styles(owned_job(request.form.get("job", "")))
    return redirect(url_for("art.form", _anchor="styles"), 303)


@pages.post("/styles/<id>/delete")
@needs("delete")
def delete(id: str) -> Answer:
    drop_style(id)
    return redirect(url_for("art.form", _anchor="styles"), 303)
