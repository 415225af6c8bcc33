"""What the page of a painting says: the picture as it grows, and what it is painted with."""

from typing import Any

from app.downloads import formats_beside
from app.jobs import painting
from app.pages.art import SHOWN_OPTIONS
from app.pages.links import links_of
from app.pages.sentences import announcement, estimate, heading, message
from app.services import services
from models.options import Option
from models.style.options import PaintOptions
from workers.jobs import Job

TEMPLATE = "pages/job.html"
SQUARE = (4, 3)
"""The shape of a picture before anything is known about it."""


def about(job: Job) -> dict[str, Any]:
    """What the page says beside the record itself."""
    position, eta = services().ledger.position(job), services().ledger.eta_seconds(job)
    shape = job.result or job.preview or job.forecast
    return {
        "links": links_of(job),
        "options": told_options(job),
        "made": (made := painting(job)),
        "formats": formats_beside(made) if made else {},
        "heading": heading(job),
        "message": message(job, position),
        "eta": estimate(eta),
        "announcement": announcement(job),
        "frame": (shape["width"], shape["height"]) if shape else SQUARE,
        "again": dict(job.options),
    }


def told_options(job: Job) -> list[Option]:
    """The options that everybody sees, and the others where they were changed."""
    return [
        option
        for option in PaintOptions.describe()
        if option.name in job.options
        and (option.name in SHOWN_OPTIONS or job.options[option.name] != option.default)
    ]
