"""The Models page: what each species model knows, and whether a species is among it."""

from collections import defaultdict
from contextlib import suppress
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.corrections import kept_corrections
from app.errors import Refusal
from app.formats import number
from app.judged import has_judged
from app.keys import needs
from app.languages import gettext
from app.own_models import is_packaged, may_change, remove_model
from app.pages import evaluation
from app.pages.trained import lesson, measured_on, mode_name
from app.services import services
from app.trainings import REFIT
from models.species.card import Card
from models.species.taxonomy import Taxon

pages = Blueprint("models", __name__)


@pages.get("/models")
@needs("read")
def index() -> str:
    query, registry = asked(), services().registry
    cards = [(model.card, fitting(model.card, query)) for model in registry.models()]
    return render_template(
        "pages/models.html",
        cards=cards,
        query=query,
        any_own=any(may_change(card.name) for card, _ in cards),
        refused=registry.refused(),
    )


@pages.get("/models/<name>")
@needs("read")
def show(name: str) -> str:
    """One card with all that it can answer, class by class."""
    query, card = asked(), services().registry.get(name).card
    groups: dict[str, list[Taxon]] = defaultdict(list)
    for taxon in fitting(card, query):
        group = taxon.at("class") or taxon.at("kingdom")
        groups[group.scientific_name if group else gettext("Species")].append(taxon)
    told = evaluation.about(card) | taught(card)
    return render_template(
        "pages/model.html",
        card=card,
        query=query,
        groups=groups,
        own=not is_packaged(name),
        mine=may_change(name),
        corrections=corrections_of(name),
        any_judged=has_judged(card),
        **told,
    )


@pages.post("/models/<name>/delete")
@needs("delete")
def delete(name: str) -> Response:
    """Remove a model of one's own. Raises `Refusal`, `UnknownModel`."""
    remove_model(name)
    return redirect(url_for("models.index"), 303)


def taught(card: Card) -> dict[str, Any]:
    """How a model that was taught here came about."""
    training = card.training or {}
    again = training.get("options", {}).get("mode") == REFIT
    return {
        "training": training,
        "again": again,
        "measured": measured_on(card),
        "curves": evaluation.curves_of(training.get("curves", [])),
        "lesson": facts_of(card, again) if training else [],
    }


def facts_of(card: Card, again: bool) -> list[tuple[str, str, str]]:
    """What the page of the training says, and what the data set was."""
    training = card.training or {}
    data = training["data"]
    photographs, classes = data.get("photographs") or 0, data.get("classes")
    found = [(gettext("Corrected photographs"), number(photographs), "")] if again else []
    if photographs and not again:
        found = [(gettext("Photographs"), number(photographs), ""),
                 (gettext("Classes"), number(classes), "")]  # fmt: skip
    found += lesson(
        backbone=card.backbone,
        mode=mode_name(REFIT if again else training["mode"]),
        seconds=training["seconds"],
    )
    if card.calibration.fitted_on:
        found.append((gettext("Temperature"), number(card.calibration.temperature), ""))
    return found


def corrections_of(name: str) -> int:
    """How many of this owner's observations are kept to learn from."""
    with suppress(Refusal):
        return len(kept_corrections(name))
    return 0


def asked() -> str:
    return request.args.get("q", "").strip()[:100]


def fitting(card: Card, query: str) -> list[Taxon]:
    """The card's answers in whose names, common or scientific, of any rank, the query occurs."""
    words = query.casefold()
    found = [
        taxon
        for taxon in card.taxa
        if any(words in each.casefold() for each in (*taxon.lineage, *taxon.names.values()))
    ]
    return sorted(found, key=lambda taxon: taxon.lineage)
