"""What pages say about a job, in the page's language: a painting, or a naming."""

from app.formats import duration, percent
from app.languages import gettext, ngettext, say
from models.species.answers import REASONS
from workers.jobs import Job, State

QUARTERS = 4


def state_name(job: Job) -> str:
    art = job.kind == "art"
    names = {
        State.QUEUED: gettext("Waiting"),
        State.RUNNING: gettext("Being painted") if art else gettext("Being looked at"),
        State.SUCCEEDED: gettext("Finished"),
        State.FAILED: gettext("Failed"),
        State.CANCELLED: gettext("Cancelled"),
    }
    return names[job.state]


def heading(job: Job) -> str:
    return painting_heading(job) if job.kind == "art" else naming_heading(job)


def painting_heading(job: Job) -> str:
    headings = {
        State.QUEUED: gettext("Waiting for the painter"),
        State.RUNNING: gettext("The painting grows"),
        State.SUCCEEDED: gettext("The painting is finished"),
        State.FAILED: gettext("The painting failed"),
        State.CANCELLED: gettext("The painting was cancelled"),
    }
    return headings[job.state]


def naming_heading(job: Job) -> str:
    """Of a job that has no answer yet, or none at all."""
    headings = {
        State.QUEUED: gettext("Waiting to be looked at"),
        State.RUNNING: gettext("Looking at it"),
        State.SUCCEEDED: gettext("Finished"),
        State.FAILED: gettext("It could not be named"),
        State.CANCELLED: gettext("Cancelled"),
    }
    return headings[job.state]


def message(job: Job, position: int | None) -> str:
    """The sentence below the heading: the place in the queue, or how far it is, or how it ended."""
    if job.error:
        return say(job.error.message)
    if job.state is State.QUEUED:
        return place(position or 0)
    return painting_message(job) if job.kind == "art" else naming_message(job)


def painting_message(job: Job) -> str:
    match job.state:
        case State.RUNNING:
            return say(f"{job.progress.message or 'Painting'} …")
        case State.CANCELLED if job.preview:
            return gettext("What was painted so far stays.")
        case State.CANCELLED:
            return gettext("Nothing had been painted yet.")
    return gettext("Every brush stroke is in its place.")


def naming_message(job: Job) -> str:
    if job.state is State.RUNNING:
        return gettext("The network looks at the photographs.")
    if job.result is None:
        return gettext("Nothing was named.")
    reason = job.result["reason"]
    if reason and job.result["boxes"]:
        return gettext("The photograph as a whole got no name; the specimens in it did.")
    return gettext(REASONS[reason]) if reason else gettext("The most probable answers")


def place(ahead: int) -> str:
    if ahead == 0:
        return gettext("It is the next one.")
    sentence = ngettext(
        "%(count)s picture comes before this one.",
        "%(count)s pictures come before this one.",
        ahead,
    )
    return sentence % {"count": ahead}


def estimate(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return gettext("about %(duration)s left") % {"duration": duration(seconds)}


def announcement(job: Job) -> str:
    """For screen readers: a sentence that changes at most every quarter of the way."""
    if job.state is State.RUNNING and (quarter := int(job.progress.fraction * QUARTERS)):
        return gettext("%(percent)s painted") % {"percent": percent(quarter / QUARTERS)}
    return heading(job)
