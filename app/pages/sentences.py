"""What pages say about a job, in the page's language."""

from app.formats import duration, percent
from app.languages import gettext, ngettext, say
from models.species.answers import REASONS
from workers.jobs import Job, State

QUARTERS = 4


def state_name(job: Job) -> str:
    running = {
        "art": gettext("Being painted"),
        "species": gettext("Being looked at"),
        "dataset": gettext("Being looked through"),
        "training": gettext("Being taught"),
    }
    names = {
        State.QUEUED: gettext("Waiting"),
        State.RUNNING: running[job.kind],
        State.SUCCEEDED: gettext("Finished"),
        State.FAILED: gettext("Failed"),
        State.CANCELLED: gettext("Cancelled"),
    }
    return names[job.state]


def heading(job: Job) -> str:
    """Of a job that has no answer yet, or none at all; of a painting in every state."""
    match job.kind:
        case "art":
            return painting_heading(job)
        case "species":
            return naming_heading(job)
        case "dataset":
            return data_set_heading(job)
    return training_heading(job)


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
    headings = {
        State.QUEUED: gettext("Waiting to be looked at"),
        State.RUNNING: gettext("Looking at it"),
        State.SUCCEEDED: gettext("Finished"),
        State.FAILED: gettext("It could not be named"),
        State.CANCELLED: gettext("Cancelled"),
    }
    return headings[job.state]


def data_set_heading(job: Job) -> str:
    headings = {
        State.QUEUED: gettext("Waiting to be looked through"),
        State.RUNNING: gettext("Looking through the photographs"),
        State.SUCCEEDED: gettext("The data set is ready"),
        State.FAILED: gettext("This cannot be trained on"),
        State.CANCELLED: gettext("Cancelled"),
    }
    return headings[job.state]


def training_heading(job: Job) -> str:
    headings = {
        State.QUEUED: gettext("Waiting for the teacher"),
        State.RUNNING: gettext("The model learns"),
        State.SUCCEEDED: gettext("The model is ready"),
        State.FAILED: gettext("The training failed"),
        State.CANCELLED: gettext("The training was stopped"),
    }
    return headings[job.state]


def message(job: Job, position: int | None) -> str:
    """The sentence below the heading: the place in the queue, or how far it is, or how it ended."""
    if job.error:
        return say(job.error.message)
    if job.state is State.QUEUED:
        return place(job, position or 0)
    match job.kind:
        case "art":
            return painting_message(job)
        case "species":
            return naming_message(job)
    return learning_message(job)


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


def learning_message(job: Job) -> str:
    """Of a data set or a training. What came of a training its own page says."""
    if job.state is State.RUNNING:
        return say(f"{job.progress.message} …") if job.progress.message else gettext("Begun")
    if job.state is State.CANCELLED:
        return gettext("Nothing of it was kept.")
    return gettext("A model can be taught with it.")


def place(job: Job, ahead: int) -> str:
    if ahead == 0:
        return gettext("It is the next one.")
    if job.kind == "training":
        sentence = ngettext(
            "%(count)s training comes before this one.",
            "%(count)s trainings come before this one.",
            ahead,
        )
    else:
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
        done = {"percent": percent(quarter / QUARTERS)}
        if job.kind == "art":
            return gettext("%(percent)s painted") % done
        return gettext("%(percent)s done") % done
    return heading(job)
