"""The reader's choice of a language, kept in a cookie."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.keys import PUBLIC, needs
from app.languages import COOKIE, LANGUAGES

pages = Blueprint("language", __name__)

YEAR = 365 * 24 * 3600


@pages.post("/language")
@needs(PUBLIC)
def choose() -> Response:
    """Remember the language and go back to where the reader was."""
    response = redirect(own_path(request.form.get("next", "")), 303)
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        response.set_cookie(
            COOKIE, chosen, max_age=YEAR, secure=request.is_secure, httponly=True, samesite="Lax"
        )
    return response


def own_path(path: str) -> str:
    """`path`, if it is one of ours: nobody is sent to another site from here."""
    parts = urlsplit(path.replace("\\", "/"))
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or path.startswith("//"):
        return url_for("home.show")
    return path
