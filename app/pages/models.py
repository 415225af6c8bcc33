"""The Models page: what each species model knows, and whether a species is among it."""

from collections import defaultdict
from contextlib import suppress
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.corrections import kept_corrections
from app.errors import Refusal
from app.judged import kept, training_of
from app.keys import needs
from app.languages import gettext
from app.own_models import is_packaged, may_change, remove_model
from app.pages import evaluation
from app.pages.trained import measured_on, mode_name
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
        "pages/models.html", cards=cards, query=query, refused=registry.refused()
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
    curves = training.get("curves", [])
    again = training.get("options", {}).get("mode") == REFIT
    return {
        "training": training,
        "again": again,
        "mode": mode_name(REFIT if again else training["mode"]) if training else "",
        "measured": measured_on(card),
        "curves": evaluation.curves_of(curves),
    }


def corrections_of(name: str) -> int:
    """How many of this owner's observations are kept to learn from."""
    with suppress(Refusal):
        return len(kept_corrections(name))
    return 0


def has_judged(card: Card) -> bool:
    """Whether photographs that it was measured with are there for this reader."""
    job = training_of(card) if card.evaluation else None
    return job is not None and bool(kept(job))


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
