"""The Art page: two pictures in, a job out."""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from random import choice, randrange
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.errors import Refusal
from app.kept import inputs_for, keep_styles
from app.keys import needs, submits
from app.languages import gettext
from app.pages.foretelling import foretold
from app.pages.lent import lent, own_styles
from app.pages.samples import shown_samples
from app.pages.submitting import Page, hand_in
from app.paintings import submit_painting
from app.security import owned_job
from app.services import services
from app.submissions import Files, Form
from models.options import Option
from models.style.options import MAX_STYLES, PaintOptions
from workers.artifacts import StoreFull
from workers.jobs import Job

pages = Blueprint("art", __name__)

SHOWN_OPTIONS = ("strength", "size", "quality", "colours")
"""What everybody sees; the others unfold."""
FOLDED_OPTIONS = tuple(
    option.name for option in PaintOptions.describe() if option.name not in SHOWN_OPTIONS
)
EXPERTS = ("optimizer", "pooling", "layers", "alpha", "beta", "scales", "steps")
"""What only those need who know the paper: a step further down."""

ROLES = ("content", "style")
FIELDS = {*ROLES, "mask", *(option.name for option in PaintOptions.describe())}
KEEP = "keep_style"
"""A tick in the form: the paintings are to be kept among the reader's own styles."""


@pages.get("/art")
@needs("paint")
def form() -> str:
    """The form; with `like` as another job was, with `surprise` as chance wants it."""
    entries = request.args.to_dict()
    if id := entries.pop("like", ""):
        entries = like(owned_job(id)) | entries
    if entries.pop("surprise", ""):
        entries |= surprise()
    return show_form(entries)


@pages.post("/art")
@submits("paint")
def paint() -> Response | Page:
    """Hand in the painting."""
    return hand_in(submit_and_keep, show_form, FIELDS)


def submit_and_keep(form: Form, files: Files, owner: str) -> Job:
    """The painting, and its style among the reader's own where that was asked for."""
    values = form.copy()
    keep = values.poplist(KEEP)
    job = submit_painting(values, files, owner)
    if keep:
        with suppress(Refusal, StoreFull):  # the painting matters more
            keep_styles(job)
    return job


def like(job: Job) -> dict[str, Any]:
    """Entries that repeat the job, with its pictures; of one that painted nothing only these."""
    pictures = {f"{role}_sample": f"job-{job.id}" for role in ROLES if inputs_for(job, role)}
    return pictures | (dict(job.options) if job.kind == "art" else {})


def surprise() -> dict[str, Any]:
    """A style, a strength and a seed by chance."""
    styles = [sample.name for sample in services().samples.values() if sample.role == "style"]
    return {
        "style_sample": choice(styles),
        "strength": choice((0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)),
        "seed": randrange(1_000_000),
    }


def show_form(entries: Mapping[str, Any], errors: Mapping[str, str] | None = None) -> str:
    """The form with what was entered so far; an option that was not keeps its default."""
    options, errors = shown_options(), errors or {}
    values = {name: entries.get(name, option.default) for name, option in options.items()}
    chosen = {role: str(entries.get(f"{role}_sample", "")) for role in ROLES}
    samples, own = shown_samples(), own_styles()
    before = {role: lent(name, role) for role, name in chosen.items()}
    return render_template(
        "pages/art.html",
        options=options,
        shown=SHOWN_OPTIONS,
        groups=groups(),
        experts=EXPERTS,
        unfold=any(field in (*FOLDED_OPTIONS, "mask") for field in errors),
        max_styles=MAX_STYLES,
        values=defaultdict(str, values),
        chosen=chosen,
        errors=defaultdict(str, errors),
        samples={
            "content": before["content"] + samples["content"],
            "style": before["style"] + own + samples["style"],
        },
        own_styles=own,
        keep=entries.get(KEEP, ""),
        forecast=foretold(values),
        max_upload_mb=services().settings.max_upload_mb,
    )


def shown_options() -> dict[str, Option]:
    """The options by name, none larger than this server takes."""
    options = {option.name: option for option in PaintOptions.describe()}
    options["size"] = replace(options["size"], maximum=services().settings.max_size)
    return options


def groups() -> dict[str, tuple[str, ...]]:
    """What unfolds first, by its titles; `EXPERTS` unfold below it."""
    return {
        gettext("Style"): ("style_weights", "style_scale"),
        gettext("Photograph"): ("detail", "smoothness"),
        gettext("Painter"): ("painter", "start", "seed"),
        gettext("File"): ("format", "metadata"),
    }
