"""One job as galleries show it: a picture, or a plate with a word, and what it is called."""

from dataclasses import dataclass

from app.jobs import has_preview
from app.languages import gettext
from app.pages import datasets, observation
from app.pages.links import Links, links_of
from workers.jobs import Job


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
            return Card(job, links, "", False, str(job.options["name"]), gettext("Model"))
    if has_preview(job):
        thumb = f"{links.preview}?v={(job.preview or {})['version']}"
    else:
        thumb = links.shown if job.result else links.inputs["content"]
    return Card(job, links, thumb, bool(job.preview or job.result), "")
