"""How strongly should the style show? Small drafts of one painting, side by side."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.jobs import owned_jobs
from app.keys import needs, submits
from app.pages.art import FIELDS, KEEP, show_form
from app.pages.cards import card
from app.pages.sentences import state_name
from app.pages.submitting import Page, hand_in
from app.paintings import submit_strengths
from app.submissions import Files, Form
from models.style.options import PaintOptions
from workers.jobs import Job

pages = Blueprint("strengths", __name__)

LARGE = {name: PaintOptions().as_dict()[name] for name in ("size", "quality")}
"""What a draft is painted with once it was chosen."""


@pages.post("/art/strengths")
@submits("paint")
def compare() -> Response | Page:
    """Hand in the drafts."""
    return hand_in(submit, show_form, FIELDS, page_of)


def submit(form: Form, files: Files, owner: str) -> list[Job]:
    values = form.copy()
    values.poplist(KEEP)
    return submit_strengths(values, files, owner)


def page_of(jobs: list[Job]) -> str:
    return url_for("strengths.show", job=[job.id for job in jobs])


@pages.get("/art/strengths")
@needs("read")
def show() -> Response | str:
    """The drafts as they stand; without any, the form. Raises `JobNotFound`."""
    ids = request.args.getlist("job")
    if not ids:
        return redirect(url_for("art.form"))
    jobs = [job for job in owned_jobs(ids) if job.kind == "art"]
    return render_template(
        "pages/strengths.html",
        cards=[card(job) for job in jobs],
        live=not all(job.state.over for job in jobs),
        large=LARGE,
        state_name=state_name,
    )
