"""The page of one job, and the gallery of its owner's."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.bundles import bundle
from app.errors import Refusal
from app.jobs import cancel_job, owned_jobs, remove_job
from app.keys import needs
from app.pages import datasets, observation, painting, trained
from app.pages.cards import card, together
from app.pages.filters import Filter, choices, notices
from app.pages.sentences import state_name
from app.security import current_owner, owned_job
from app.services import services
from app.shares import is_shareable
from app.zips import send_zip
from workers.jobs import Job
from workers.ledger import JobNotFound

pages = Blueprint("jobs", __name__)

PAGE = 24
SHOWN = {"art": painting, "species": observation, "dataset": datasets, "training": trained}
"""What has the page of a job of each kind."""


@pages.get("/jobs")
@needs("read")
def index() -> str:
    """The gallery: what the filter lets through, a page at a time."""
    chosen, cursor = Filter.read(request.args), request.args.get("cursor")
    jobs, older = services().ledger.page(current_owner(), PAGE, cursor, chosen.wants)
    return render_template(
        "pages/pictures.html",
        **together([card(job) for job in jobs]),
        filter=chosen,
        filters=choices(),
        notice=notices().get(request.args.get("notice", ""), ""),
        cursor=cursor,
        older=older,
        state_name=state_name,
    )


@pages.post("/jobs/download")
@needs("read")
def download() -> Response:
    """What came of the chosen jobs, in one archive."""
    ids = request.form.getlist("id")
    if not ids:
        return back("none")
    files = bundle(owned_jobs(ids))
    return send_zip("merian", files) if files else back("nothing")


@pages.post("/jobs/delete")
@needs("delete")
def delete_chosen() -> Response:
    """Remove the chosen jobs; those that went meanwhile do not matter. Raises `JobNotFound`."""
    ids = request.form.getlist("id")
    if not ids:
        return back("none")
    for job in owned_jobs(ids):
        with suppress(JobNotFound):
            remove_job(job.id)
    return back()


def back(notice: str = "") -> Response:
    """To the gallery, filtered as it was."""
    address: dict[str, Any] = Filter.read(request.form).query()
    if notice:
        address["notice"] = notice
    return redirect(url_for("jobs.index", **address), 303)


@pages.get("/jobs/<id>")
@needs("read")
def show(id: str) -> str:
    return render(owned_job(id))


def render(job: Job, **more: Any) -> str:
    """The page of a job, with more or other than it says of itself."""
    shown = SHOWN[job.kind]
    about = {"shareable": is_shareable(job), "link": ""} | shown.about(job) | more
    return render_template(shown.TEMPLATE, job=job, **about)


@pages.post("/jobs/<id>/cancel")
@needs("delete")
def cancel(id: str) -> Response:
    """Cancel it; one that ended meanwhile simply shows how."""
    with suppress(Refusal):
        cancel_job(id)
    return redirect(url_for("jobs.show", id=id), 303)


@pages.post("/jobs/<id>/delete")
@needs("delete")
def delete(id: str) -> Response:
    """Remove the job with every picture of it."""
    remove_job(id)
    return redirect(url_for("jobs.index"), 303)
