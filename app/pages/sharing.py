"""Making and ending the link of a job, on the job's own page."""

from flask import Blueprint, make_response, redirect, request, url_for
from werkzeug.wrappers import Response

from app.keys import needs
from app.pages.jobs import render
from app.security import owned_job
from app.shares import share_job, unshare_job

pages = Blueprint("sharing", __name__)


@pages.get("/jobs/<id>/share")
@needs("read")
def start_again(id: str) -> Response:
    """Who changes the language of the page that told the link comes here."""
    return redirect(url_for("jobs.show", id=owned_job(id).id))


@pages.post("/jobs/<id>/share")
@needs("share")
def share(id: str) -> Response:
    """Make a link. Told in this answer and never again: the store has only its digest."""
    link = share_job(id, "photographs" in request.form)
    response = make_response(render(owned_job(id), link=link))
    response.headers["Cache-Control"] = "private, no-store"
    return response


@pages.post("/jobs/<id>/share/end")
@needs("share")
def unshare(id: str) -> Response:
    """End it; once more changes nothing."""
    unshare_job(id)
    return redirect(url_for("jobs.show", id=id, _anchor="sharing"), 303)
