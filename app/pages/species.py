"""The Species page: photographs of one observation in, a job out."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.errors import Refusal, as_refusal
from app.formats import label
from app.languages import gettext, in_language, say
from app.observations import submit_observation
from app.pages.samples import shown_samples
from app.security import current_owner
from app.services import services
from models.options import InvalidOption, Option
from models.species.card import CardInvalid
from models.species.options import MAX_PHOTOGRAPHS, IdentifyOptions
from models.species.registry import UnknownModel
from workers.artifacts import StoreFull
from workers.jobs import QueueFull
from workers.store import StoreDown

pages = Blueprint("species", __name__)


@pages.get("/species")
def form() -> str:
    return show_form(request.args)


@pages.post("/species")
def identify() -> Response | tuple[str, int, dict[str, str]]:
    """Hand in the photographs; what is wrong is said beside its field, and the rest is kept."""
    try:
        job = submit_observation(request.form, request.files, current_owner())
    except InvalidOption as wrong:
        return refuse(wrong.name, f"{gettext(label(wrong.name))} {say(wrong.reason)}", 422)
    except (Refusal, UnknownModel, CardInvalid, QueueFull, StoreDown, StoreFull) as error:
        refusal = as_refusal(error)
        field = (refusal.field or "").removesuffix("_sample")
        return refuse(field, say(refusal.message), refusal.status, refusal.retry_after)
    return redirect(url_for("jobs.show", id=job.id), 303)


def refuse(
    field: str, sentence: str, status: int, retry_after: int | None = None
) -> tuple[str, int, dict[str, str]]:
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    known = {"image", *(option.name for option in IdentifyOptions.describe())}
    return show_form(request.form, {field if field in known else "": sentence}), status, headers


def show_form(entries: Mapping[str, Any], errors: Mapping[str, str] | None = None) -> str:
    """The form with what was entered so far; an option that was not keeps its default."""
    cards = [model.card for model in services().registry.models()]
    options = shown_options(tuple(card.name for card in cards))
    values = {option.name: entries.get(option.name, option.default) for option in options}
    return render_template(
        "pages/species.html",
        options=options,
        titles=defaultdict(str, {card.name: in_language(card.title) for card in cards}),
        values=values,
        chosen=entries.get("image_sample", ""),
        errors=defaultdict(str, errors or {}),
        samples=shown_samples(),
        most=MAX_PHOTOGRAPHS,
        max_upload_mb=services().settings.max_upload_mb,
    )


def shown_options(models: tuple[str, ...]) -> list[Option]:
    """The options, the model as a choice among those that there are."""
    return [
        replace(option, choices=models) if option.name == "model" else option
        for option in IdentifyOptions.describe()
    ]
