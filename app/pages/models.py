"""The Models page: what each species model knows, and whether a species is among it."""

from collections import defaultdict

from flask import Blueprint, render_template, request

from app.services import services
from models.species.card import Card
from models.species.taxonomy import Taxon

pages = Blueprint("models", __name__)


@pages.get("/models")
def index() -> str:
    query, registry = asked(), services().registry
    cards = [(model.card, fitting(model.card, query)) for model in registry.models()]
    return render_template(
        "pages/models.html", cards=cards, query=query, refused=registry.refused()
    )


@pages.get("/models/<name>")
def show(name: str) -> str:
    """One card with all that it can answer, class by class."""
    query, card = asked(), services().registry.get(name).card
    groups: dict[str, list[Taxon]] = defaultdict(list)
    for taxon in fitting(card, query):
        group = taxon.at("class") or taxon.at("kingdom") or taxon
        groups[group.scientific_name].append(taxon)
    return render_template("pages/model.html", card=card, query=query, groups=groups)


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
