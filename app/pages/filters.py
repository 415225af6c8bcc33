"""Which of their pictures the reader wants to see: of one kind, in one state, or all."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.languages import gettext
from workers.jobs import COSTS, Job, State

STATES = {
    "working": (State.QUEUED, State.RUNNING),
    "succeeded": (State.SUCCEEDED,),
    "failed": (State.FAILED,),
    "cancelled": (State.CANCELLED,),
}


@dataclass(frozen=True)
class Filter:
    """ "" lets everything through."""

    kind: str = ""
    state: str = ""

    @classmethod
    def read(cls, entries: Mapping[str, str]) -> "Filter":
        """From an address or a form; a word that means nothing filters nothing."""
        kind, state = entries.get("kind", ""), entries.get("state", "")
        return cls(kind if kind in COSTS else "", state if state in STATES else "")

    def wants(self, job: Job) -> bool:
        right_kind = not self.kind or job.kind == self.kind
        return right_kind and (not self.state or job.state in STATES[self.state])

    def query(self, **other: str) -> dict[str, str]:
        """For an address, with other choices than these where they are given."""
        entries = {"kind": self.kind, "state": self.state} | other
        return {name: value for name, value in entries.items() if value}


def choices() -> dict[str, tuple[str, dict[str, str]]]:
    """Each part of the filter with its title, and what can be chosen there."""
    kinds = {
        "": gettext("All"),
        "art": gettext("Paintings"),
        "species": gettext("Named photographs"),
        "dataset": gettext("Data sets"),
        "training": gettext("Models"),
    }
    states = {
        "": gettext("All"),
        "working": gettext("In work"),
        "succeeded": gettext("Finished"),
        "failed": gettext("Failed"),
        "cancelled": gettext("Cancelled"),
    }
    return {"kind": (gettext("Kind"), kinds), "state": (gettext("State"), states)}


def notices() -> dict[str, str]:
    """Why nothing happened to what was chosen."""
    return {
        "none": gettext("Nothing was chosen: tick the pictures first."),
        "nothing": gettext("Nothing of what was chosen can be downloaded."),
    }
