"""The stages that every training goes through, and where one is."""

from dataclasses import dataclass

from app.languages import gettext
from workers.jobs import Job, State

STAGE_OF = {
    "Looking at the photographs": 2, "Fetching the network": 2, "Teaching the last layer": 3,
    "Teaching everything": 3, "Measuring": 4, "Saving": 4,
}  # fmt: skip
"""Which of `stages` a worker's word belongs to; all others are of reading."""


@dataclass(frozen=True)
class Stage:
    title: str
    state: str
    """past, now or ahead."""


def stages(job: Job) -> list[Stage]:
    """What every training goes through, and where this one is."""
    titles = [
        gettext("Waiting"), gettext("Reading the photographs"), gettext("Looking at them"),
        gettext("Learning"), gettext("Measuring"),
    ]  # fmt: skip
    now = 0 if job.state is State.QUEUED else STAGE_OF.get(job.progress.message, 1)
    states = ["past" if place < now else "ahead" for place in range(len(titles))]
    states[now] = "now"
    return [Stage(*each) for each in zip(titles, states, strict=True)]
