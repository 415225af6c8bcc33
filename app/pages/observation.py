"""What the page of a species job says: the answer, and the photographs with what was seen."""

from collections.abc import Mapping
from typing import Any

from app.formats import percent
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
    if said:
        said["sentence"] = sentence(said)
    return correcting.about(job, card) | {
        "links": links_of(job),
        "said": said,
        "card": card,
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
    """ "98 %: genus Danaus; 71 %: Danaus plexippus"."""
    rollup = said["rollup"]
    if rollup is None:
        return ""
    parts = [
        f"{percent(rollup['probability'])}: {gettext(rollup['rank'])} {rollup['scientific_name']}"
    ]
    narrower = said["path"][-1]
    if narrower["scientific_name"] != rollup["scientific_name"]:
        parts.append(f"{percent(narrower['probability'])}: {narrower['scientific_name']}")
    return "; ".join(parts)
