"""One job as galleries show it: a picture, or a plate with a word, and what it is called."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.jobs import has_preview
from app.languages import gettext
from app.pages import datasets, observation
from app.pages.links import Links, links_of
from app.trainings import model_of
from workers.jobs import Job

SMALL = 640
"""Pixels of a longer side up to which a painting is no heavier than its preview."""


@dataclass(frozen=True)
class Card:
    """One job in the gallery."""

    job: Job
    links: Links
    thumb: str
    """Address of a picture; "" where there is none."""
    painted: bool
    name: str
    """What was named, handed in or taught."""
    plate: str = ""
    """What stands in place of a picture."""


def together(cards: Sequence[Card]) -> dict[str, Any]:
    """What a page of several cards says of them: which they are, and whether some are in work."""
    live = any(not each.job.state.over for each in cards)
    return {
        "cards": cards,
        "look": " ".join(each.job.id for each in cards),
        "live": live,
        "announcement": gettext("Some pictures are in work.")
        if live
        else gettext("No picture is in work any more."),
    }


def card(job: Job) -> Card:
    links = links_of(job)
    match job.kind:
        case "species":
            thumb = links.inputs["image-0"]
            return Card(
                job, links, thumb, True, observation.title(job.result) if job.result else ""
            )
        case "dataset":
            name = datasets.title(job)
            return Card(job, links, "", False, name, gettext("Data set"))
        case "training":
            return Card(job, links, "", False, model_of(job), gettext("Model"))
    if job.result and max(job.result["width"], job.result["height"]) <= SMALL:
        thumb = links.shown  # of a quick painting, the last preview may be an early one
    elif has_preview(job):
        thumb = f"{links.preview}?v={(job.preview or {})['version']}"
    else:
        thumb = links.shown if job.result else links.inputs["content"]
    return Card(job, links, thumb, bool(job.preview or job.result), "")
