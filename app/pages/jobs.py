"""The page of one job, and the gallery of its owner's."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.errors import Refusal
from app.jobs import cancel_job, painting, remove_job
from app.pages.art import SHOWN_OPTIONS
from app.pages.links import Links, links_of
from app.pages.sentences import announcement, estimate, heading, message, state_name
from app.security import current_owner, owned_job
from app.services import services
from models.options import Option
from models.style.options import PaintOptions
from workers.jobs import Job

pages = Blueprint("jobs", __name__)

PAGE = 24
SQUARE = (4, 3)
"""The shape of a picture before anything is known about it."""


@dataclass(frozen=True)
class Card:
    """One job in the gallery."""

    job: Job
    links: Links
    thumb: str
    painted: bool


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
    job = owned_job(id)
    return render_template("pages/job.html", job=job, **about(job))


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


def about(job: Job) -> dict[str, Any]:
    """What the page says beside the record itself."""
    position, eta = services().ledger.position(job), services().ledger.eta_seconds(job)
    shape = job.result or job.preview or job.forecast
    return {
        "links": links_of(job),
        "options": told_options(job),
        "ending": made.ending if (made := painting(job)) else "",
        "heading": heading(job),
        "message": message(job, position),
        "eta": estimate(eta),
        "announcement": announcement(job),
        "frame": (shape["width"], shape["height"]) if shape else SQUARE,
        "again": dict(job.options),
    }


def told_options(job: Job) -> list[Option]:
    """The options that everybody sees, and the others where they were changed."""
    return [
        option
        for option in PaintOptions.describe()
        if option.name in job.options
        and (option.name in SHOWN_OPTIONS or job.options[option.name] != option.default)
    ]


def card(job: Job) -> Card:
    links = links_of(job)
    if job.preview:
        thumb = f"{links.preview}?v={job.preview['version']}"
    else:
        thumb = links.shown if job.result else links.inputs["content"]
    return Card(job, links, thumb, painted=bool(job.preview or job.result))
