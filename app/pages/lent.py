"""What the Art page shows beside the samples: pictures of another job, and the reader's styles."""

from contextlib import suppress

from flask import url_for

from app.errors import Refusal
from app.kept import OF_JOB, inputs_for, styles
from app.languages import gettext
from app.pages.links import links_of
from app.pages.samples import ShownSample
from app.security import owned_job
from workers.jobs import Job
from workers.ledger import JobNotFound
from workers.store import StoreDown


def lent(name: str, role: str) -> list[ShownSample]:
    """The picture that a job lends, if `name` says so and the job is still there."""
    if not (found := OF_JOB.fullmatch(name)):
        return []
    with suppress(JobNotFound, StoreDown, Refusal):
        job = owned_job(found[1])
        return [shown(job, name, each) for each in inputs_for(job, role)[:1]]
    return []


def shown(job: Job, name: str, input: str) -> ShownSample:
    url = links_of(job).inputs[input]
    title = gettext("The painting of before") if input == "style-0" else gettext("The same again")
    return ShownSample(name, title, url, url)


def own_styles() -> list[ShownSample]:
    """The styles that the reader has kept, the newest first."""
    return [
        ShownSample(f"kept-{id}", gettext("A style of mine"), url, url)
        for id in styles()
        if (url := url_for("styles.show", id=id))
    ]
