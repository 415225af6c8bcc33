"""What the page of a dataset job says: how far it is, then what is in it and what is odd."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.pages.links import links_of
from app.pages.sentences import announcement, estimate, heading, message
from app.pages.teaching import about_form
from app.services import services
from models.training.dataset import SPLITS
from workers import glimpses
from workers.glimpses import Glimpse
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
        "rows": rows(job, report) if report else [],
        "heading": report["title"] if report else heading(job),
        "message": message(job, position),
        "eta": estimate(eta),
        "announcement": announcement(job),
    }


@dataclass(frozen=True)
class Row:
    """One class of the data set."""

    label: str
    counts: Mapping[str, int]
    share: float
    """Of the largest class, 0..1."""
    glimpses: list[Glimpse]


def rows(job: Job, report: Mapping[str, Any]) -> list[Row]:
    """The classes in their order, each with a few photographs, where any are kept."""
    pictures: dict[str, list[Glimpse]] = defaultdict(list)
    for glimpse in glimpses.read(services().store, job.id):
        pictures[glimpse.label].append(glimpse)
    most = max((counts["all"] for counts in report["counts"].values()), default=1)
    return [
        Row(label, counts, counts["all"] / most, pictures[label])
        for label, counts in report["counts"].items()
    ]


def splits_of(report: Mapping[str, Any]) -> tuple[str, ...]:
    """The splits that the data set itself has made; none where it leaves that to us."""
    counts = report["counts"].values()
    return tuple(split for split in SPLITS if any(each[split] for each in counts))


def title(job: Job) -> str:
    """What its owner calls it, while it is looked through too."""
    return str((job.result or {}).get("report", {}).get("title") or job.options["title"])
