"""What the page of a dataset job says: how far it is, then what is in it and what is odd."""

from collections.abc import Mapping
from typing import Any

from app.pages.links import links_of
from app.pages.sentences import announcement, estimate, heading, message
from app.pages.teaching import about_form
from app.services import services
from models.training.dataset import SPLITS
from workers.jobs import Job

TEMPLATE = "pages/dataset.html"


def about(job: Job) -> dict[str, Any]:
    """What the page says beside the record itself."""
    position, eta = services().ledger.position(job), services().ledger.eta_seconds(job)
    report = (job.result or {}).get("report")
    form = about_form(job.id, report["title"]) if report else {}
    return form | {
        "links": links_of(job),
        "report": report,
        "splits": splits_of(report) if report else (),
        "heading": report["title"] if report else heading(job),
        "message": message(job, position),
        "eta": estimate(eta),
        "announcement": announcement(job),
    }


def splits_of(report: Mapping[str, Any]) -> tuple[str, ...]:
    """The splits that the data set itself has made; none where it leaves that to us."""
    counts = report["counts"].values()
    return tuple(split for split in SPLITS if any(each[split] for each in counts))


def title(job: Job) -> str:
    """What its owner calls it, while it is looked through too."""
    return str((job.result or {}).get("report", {}).get("title") or job.options["title"])
