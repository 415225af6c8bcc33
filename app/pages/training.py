"""The Training page: photographs with labels in, and a model of one's own taught with them."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import datasets
from app.archives import takes_archive
from app.datasets import LONGEST_TITLE, submit_data_set
from app.keys import needs, submits
from app.pages.submitting import Page, hand_in
from app.pages.teaching import FIELDS, OTHER, about_form, title_of
from app.security import current_owner
from app.services import services
from app.submissions import Files, Form
from app.trainings import REFIT, submit_training
from workers.jobs import Job

pages = Blueprint("training", __name__)


@pages.get("/training")
@needs("train")
def index() -> str:
    return show_page({})


@pages.get("/training/datasets")
@needs("train")
def start_again() -> Response:
    """Who changes the language of a refused form comes here."""
    return redirect(url_for("training.index"))


@pages.post("/training/datasets")
@takes_archive
@submits("train")
def take_in() -> Response | Page:
    """Hand in an archive."""
    return hand_in(submit_data_set, show_page, {"archive", "title"})


@pages.get("/training/new")
@needs("train")
def form() -> str:
    """The form for one data set, the server's own among them. Raises `Refusal`."""
    dataset = request.args.get("dataset", "")
    datasets.refuse_unknown(dataset, current_owner())
    return show_form({"dataset": dataset})


@pages.post("/training")
@submits("train")
def train() -> Response | Page:
    """Hand in the training. What is wrong with a refit, which has no fields, is a page."""
    if request.form.get("mode") == REFIT:
        job = submit_training(request.form, request.files, current_owner())
        return redirect(url_for("jobs.show", id=job.id), 303)
    return hand_in(submit, show_form, FIELDS)


def submit(form: Form, files: Files, owner: str) -> Job:
    """With the network that was typed in, if there is one. Raises as `submit_training`."""
    values = form.to_dict()
    values["backbone"] = values.pop(OTHER, "").strip() or values.get("backbone", "")
    return submit_training(values, files, owner)


def show_page(entries: Mapping[str, Any], errors: Mapping[str, str] | None = None) -> str:
    """What there is to train on, and the form for more."""
    found = datasets.available(current_owner())
    return render_template(
        "pages/training.html",
        mine=[each for each in found if datasets.JOB.fullmatch(each.name)],
        shared=[each for each in found if not datasets.JOB.fullmatch(each.name)],
        title=entries.get("title", ""),
        longest=LONGEST_TITLE,
        errors=defaultdict(str, errors or {}),
        max_dataset_mb=services().workers.max_dataset_mb,
        max_dataset=services().workers.max_dataset,
    )


def show_form(entries: Mapping[str, Any], errors: Mapping[str, str] | None = None) -> str:
    """The form with what was entered so far; an option that was not keeps its default."""
    dataset = str(entries.get("dataset", ""))
    errors = dict(errors or {})
    if entries.get(OTHER) and "backbone" in errors:
        errors[OTHER] = errors.pop("backbone")
    entered = entries if len(entries) > 1 else None
    return render_template(
        "pages/teach.html", **about_form(dataset, title_of(dataset), entered, errors)
    )
