"""The Art page: two pictures in, a job out."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.errors import Refusal, as_refusal
from app.formats import label
from app.languages import gettext, say
from app.pages.samples import shown_samples
from app.paintings import submit_painting
from app.security import current_owner
from app.services import services
from models.options import InvalidOption, Option
from models.style.forecast import NotEnoughMemory
from models.style.options import MAX_STYLES, PaintOptions
from workers.artifacts import StoreFull
from workers.jobs import QueueFull
from workers.store import StoreDown

pages = Blueprint("art", __name__)

SHOWN_OPTIONS = ("strength", "size", "quality", "colours")
"""What everybody sees; the others unfold."""
FOLDED_OPTIONS = tuple(
    option.name for option in PaintOptions.describe() if option.name not in SHOWN_OPTIONS
)


@pages.get("/")
def start() -> Response:
    return redirect(url_for("art.form"))


@pages.get("/art")
def form() -> str:
    return show_form(request.args)


@pages.post("/art")
def paint() -> Response | tuple[str, int, dict[str, str]]:
    """Hand in the painting; what is wrong is said beside its field, and the rest is kept."""
    try:
        job = submit_painting(request.form, request.files, current_owner())
    except InvalidOption as wrong:
        return refuse(wrong.name, f"{gettext(label(wrong.name))} {say(wrong.reason)}", 422)
    except (Refusal, NotEnoughMemory, QueueFull, StoreDown, StoreFull) as error:
        refusal = as_refusal(error)
        field = (refusal.field or "").removesuffix("_sample")
        return refuse(field, say(refusal.message), refusal.status, refusal.retry_after)
    return redirect(url_for("jobs.show", id=job.id), 303)


def refuse(
    field: str, sentence: str, status: int, retry_after: int | None = None
) -> tuple[str, int, dict[str, str]]:
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    known = {"content", "style", "mask", *(option.name for option in PaintOptions.describe())}
    return show_form(request.form, {field if field in known else "": sentence}), status, headers


def show_form(entries: Mapping[str, Any], errors: Mapping[str, str] | None = None) -> str:
    """The form with what was entered so far; an option that was not keeps its default."""
    options, errors = shown_options(), errors or {}
    values = {name: entries.get(name, option.default) for name, option in options.items()}
    return render_template(
        "pages/art.html",
        options=options,
        shown=SHOWN_OPTIONS,
        groups=groups(),
        unfold=any(field in (*FOLDED_OPTIONS, "mask") for field in errors),
        max_styles=MAX_STYLES,
        values=defaultdict(str, values),
        chosen={role: entries.get(f"{role}_sample", "") for role in ("content", "style")},
        errors=defaultdict(str, errors),
        samples=shown_samples(),
        max_upload_mb=services().settings.max_upload_mb,
    )


def shown_options() -> dict[str, Option]:
    """The options by name, none larger than this server takes."""
    options = {option.name: option for option in PaintOptions.describe()}
    options["size"] = replace(options["size"], maximum=services().settings.max_size)
    return options


def groups() -> dict[str, tuple[str, ...]]:
    """What unfolds, by its titles."""
    return {
        gettext("Style"): ("style_weights", "style_scale"),
        gettext("Photograph"): ("detail", "smoothness"),
        gettext("Painter"): ("painter", "start", "seed"),
        gettext("For experts"): (
            "optimizer", "pooling", "layers", "alpha", "beta", "scales", "steps",
        ),
        gettext("File"): ("format", "metadata"),
    }  # fmt: skip
