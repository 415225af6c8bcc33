"""What the page of a naming offers to correct it, and what was said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.languages import current_language, gettext
from app.services import services
from models.species.card import Card
from models.species.taxonomy import Taxon
from models.training.dataset import NOTHING
from workers import corrections
from workers.jobs import Job, State


@dataclass(frozen=True)
class Word:
    """What was said of an answer."""

    name: str
    scientific: bool
    confirmed: bool
    kept: bool


def about(job: Job, card: Card | None) -> dict[str, Any]:
    """What the page says beside the answer; nothing where nothing can be corrected."""
    if job.kind != "species" or job.state is not State.SUCCEEDED or card is None:
        return {}
    said = dict(job.result or {})
    return {
        "word": word_of(job, card),
        "best": best(said),
        "choices": choices(card),
        "typed": "",
        "complaint": "",
    }


def word_of(job: Job, card: Card) -> Word | None:
    """What was said before, if anything."""
    found = corrections.find(services().store, card.name, job.id)
    if found is None:
        return None
    taxon = next((each for each in card.taxa if each.scientific_name == found.taxon), None)
    name = common_name(taxon) if taxon else gettext("none of the species")
    return Word(name or found.taxon, not name, found.confirmed, found.keep)


def best(said: Mapping[str, Any]) -> dict[str, Any]:
    """The answer that one may agree to: nothing where the model had none.

    `plain`: it is what the page's heading says, not a group that it is of.
    """
    if said["rejected"] or not said["answers"]:
        return {}
    guess: dict[str, Any] = said["answers"][0]
    return guess | {"plain": guess["scientific_name"] == said["rollup"]["scientific_name"]}


def choices(card: Card) -> list[tuple[str, str]]:
    """What it may be: a scientific name or label, and the common name, in whose order they are."""
    named = sorted(
        ((taxon.scientific_name, common_name(taxon)) for taxon in card.taxa),
        key=lambda pair: (pair[1] or pair[0]).casefold(),
    )
    others = [label for label, taxon in card.classes if taxon is None and label[0] == NOTHING]
    return [*named, *((label, gettext("none of the species")) for label in others)]


def common_name(taxon: Taxon) -> str:
    return taxon.names.get(current_language()) or taxon.names.get("en") or ""


def label_of(card: Card, typed: str) -> str:
    """What was typed as the model calls it: any common name will do, in any case of letters."""
    words = " ".join(typed.split()).casefold()
    for taxon in card.taxa:
        if words in (each.casefold() for each in (taxon.scientific_name, *taxon.names.values())):
            return taxon.scientific_name
    return next((label for label, _ in card.classes if label.casefold() == words), typed)
