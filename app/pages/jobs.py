"""The page of one job, and the gallery of its owner's."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.errors import Refusal
from app.jobs import cancel_job, remove_job
from app.pages import datasets, observation, painting, trained
from app.pages.cards import card
from app.pages.sentences import state_name
from app.security import current_owner, owned_job
from app.services import services
from workers.jobs import Job

pages = Blueprint("jobs", __name__)

PAGE = 24
SHOWN = {"art": painting, "species": observation, "dataset": datasets, "training": trained}
"""What has the page of a job of each kind."""


@pages.get("/jobs")
def index() -> str:
    cursor = request.args.get("cursor")
    jobs, older = services().ledger.page(current_owner(), PAGE, cursor)
    cards = [card(job) for job in jobs]
    return render_template(
        "pages/pictures.html", cards=cards, cursor=cursor, older=older, state_name=state_name
    )


@pages.get("/jobs/<id>")
def show(id: str) -> str:
    return render(owned_job(id))


def render(job: Job, **more: Any) -> str:
    """The page of a job, with more or other than it says of itself."""
    shown = SHOWN[job.kind]
    return render_template(shown.TEMPLATE, job=job, **(shown.about(job) | more))


@pages.post("/jobs/<id>/cancel")
def cancel(id: str) -> Response:
    """Cancel it; one that ended meanwhile simply shows how."""
    with suppress(Refusal):
        cancel_job(id)
    return redirect(url_for("jobs.show", id=id), 303)


@pages.post("/jobs/<id>/delete")
def delete(id: str) -> Response:
    """Remove the job with every picture of it."""
    remove_job(id)
    return redirect(url_for("jobs.index"), 303)
