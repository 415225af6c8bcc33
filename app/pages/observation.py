"""What the page of a species job says: the answer, and the photographs with what was seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.formats import share
from app.languages import current_language, gettext, ngettext
from app.pages import correcting
from app.pages.links import links_of
from app.pages.sentences import announcement, estimate, heading, message
from app.services import services
from models.species.card import Card, CardInvalid
from models.species.registry import UnknownModel
from workers.jobs import Job

TEMPLATE = "pages/observation.html"
SQUARE = (4, 3)
"""The shape of a photograph before it was looked at."""


def about(job: Job) -> dict[str, Any]:
    """What the page says beside the record itself."""
    position, eta = services().ledger.position(job), services().ledger.eta_seconds(job)
    said, card = dict(job.result) if job.result else None, card_of(job)
    path = descent(said) if said else []
    if said:
        said["sentence"] = sentence(said)
    return correcting.about(job, card) | {
        "links": links_of(job),
        "said": said,
        "card": card,
        "cut": card.calibration.sure if card else None,
        "path": path,
        "path_told": descent_told(path),
        "photographs": photographs(job),
        "heading": title(said) if said else heading(job),
        "message": message(job, position),
        "eta": estimate(eta),
        "announcement": title(said) if said else announcement(job),
        "again": dict(job.options),
    }


def card_of(job: Job) -> Card | None:
    """The model's card, if it is still there."""
    try:
        return services().registry.get(str(job.options["model"])).card
    except (UnknownModel, CardInvalid):
        return None


def photographs(job: Job) -> list[dict[str, Any]]:
    """Each photograph with where it is, its heat-map and its boxes, numbered through all."""
    base = links_of(job)
    looked = {each["name"]: each for each in (job.result or {}).get("photographs", [])}
    boxes = list(enumerate((job.result or {}).get("boxes", []), 1))
    return [
        {
            "number": place,
            "name": name,
            "url": base.inputs[name],
            "width": looked.get(name, {}).get("width", SQUARE[0]),
            "height": looked.get(name, {}).get("height", SQUARE[1]),
            "heatmap": f"{base.heatmaps}/{name}" if name in looked else "",
            "boxes": [box | {"number": number} for number, box in boxes if box["image"] == name],
        }
        for place, name in enumerate(job.inputs, 1)
    ]


def title(said: Mapping[str, Any]) -> str:
    """What was found, by its common name where there is one."""
    specimens = len(said["boxes"])
    if said["rejected"] and specimens:
        return ngettext("%(num)s specimen", "%(num)s specimens", specimens) % {"num": specimens}
    if said["rejected"]:
        return gettext("Nothing that the model could name")
    return name_of(said["rollup"])


def name_of(guess: Mapping[str, Any]) -> str:
    names = guess["names"]
    found = names.get(current_language()) or names.get("en") or guess["scientific_name"]
    return str(found[:1].upper() + found[1:])


def sentence(said: Mapping[str, Any]) -> str:
    """ "Almost certain, at 98%." In words, because a figure alone says too much or too little."""
    rollup = said["rollup"]
    if rollup is None:
        return ""
    sure = {"share": share(rollup["probability"])}
    for least, words in (
        (0.95, gettext("Almost certain, at %(share)s.")),
        (0.8, gettext("Very probable, at %(share)s.")),
        (0.65, gettext("Probable, at %(share)s.")),
    ):
        if rollup["probability"] >= least:
            return words % sure
    return gettext("Possible, at %(share)s.") % sure


@dataclass(frozen=True)
class Step:
    """One group on the way from the kingdom down."""

    guess: Mapping[str, Any]
    last_sure: bool
    """Whether it is the narrowest that the model is sure enough of."""
    beyond: bool
    """Whether the model is less sure of it than it must be to say so."""


def descent(said: Mapping[str, Any]) -> list[Step]:
    """Each step from the kingdom down; none where nothing alive was seen."""
    if said["reason"] == "not_alive":
        return []
    sure = said["rollup"]["scientific_name"] if said["rollup"] else ""
    names = [guess["scientific_name"] for guess in said["path"]]
    last = names.index(sure) if sure in names else -1
    return [Step(guess, place == last, place > last) for place, guess in enumerate(said["path"])]


def descent_told(path: Sequence[Step]) -> str:
    """How far down it is sure, and what comes after."""
    if not path:
        return ""
    sure, narrowest = next((each for each in path if each.last_sure), None), path[-1]
    if sure is None:
        return gettext("It is sure enough of none of these.")
    if sure is narrowest:
        return gettext("It is sure of every step.")
    words = {"rank": gettext(sure.guess["rank"]), "name": sure.guess["scientific_name"]}
    return gettext("It is sure down to the %(rank)s %(name)s; what follows is a guess.") % words
