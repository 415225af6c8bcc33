"""The Art page: two pictures in, a job out."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.languages import gettext
from app.pages.samples import shown_samples
from app.pages.submitting import Page, hand_in
from app.paintings import submit_painting
from app.services import services
from models.options import Option
from models.style.options import MAX_STYLES, PaintOptions

pages = Blueprint("art", __name__)

SHOWN_OPTIONS = ("strength", "size", "quality", "colours")
"""What everybody sees; the others unfold."""
FOLDED_OPTIONS = tuple(
    option.name for option in PaintOptions.describe() if option.name not in SHOWN_OPTIONS
)


@pages.get("/art")
def form() -> str:
    return show_form(request.args)


@pages.post("/art")
def paint() -> Response | Page:
    """Hand in the painting."""
    options = (option.name for option in PaintOptions.describe())
    return hand_in(submit_painting, show_form, {"content", "style", "mask", *options})


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
