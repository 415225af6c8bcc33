"""The Species page: photographs of one observation in, a job out."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.keys import needs, submits
from app.languages import in_language
from app.observations import submit_observation
from app.pages.lent import lent
from app.pages.samples import shown_samples
from app.pages.submitting import Page, hand_in
from app.services import services
from models.options import Option
from models.species.options import MAX_PHOTOGRAPHS, IdentifyOptions

pages = Blueprint("species", __name__)


@pages.get("/species")
@needs("identify")
def form() -> str:
    return show_form(request.args)


@pages.post("/species")
@submits("identify")
def identify() -> Response | Page:
    """Hand in the photographs."""
    options = (option.name for option in IdentifyOptions.describe())
    return hand_in(submit_observation, show_form, {"image", *options})


def show_form(entries: Mapping[str, Any], errors: Mapping[str, str] | None = None) -> str:
    """The form with what was entered so far; an option that was not keeps its default."""
    cards = [model.card for model in services().registry.models()]
    options = shown_options(tuple(card.name for card in cards))
    chosen = str(entries.get("image_sample", ""))
    samples = lent(chosen, "content") + shown_samples()["content"]
    values = {option.name: entries.get(option.name, option.default) for option in options}
    return render_template(
        "pages/species.html",
        options=options,
        titles=defaultdict(str, {card.name: in_language(card.title) for card in cards}),
        values=values,
        chosen=chosen,
        errors=defaultdict(str, errors or {}),
        samples=samples,
        most=MAX_PHOTOGRAPHS,
        max_upload_mb=services().settings.max_upload_mb,
    )


def shown_options(models: tuple[str, ...]) -> list[Option]:
    """The options, the model as a choice among those that there are."""
    return [
        replace(option, choices=models) if option.name == "model" else option
        for option in IdentifyOptions.describe()
    ]
