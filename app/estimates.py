"""How long a painting is likely to take, from how long others took here."""

from math import log

from app.services import services
from models.style.options import PaintOptions
from models.style.recipes import EFFORT

FURTHEST = 4.0
"""Times the work: what is further off says nothing about a painting."""


def likely_seconds(options: PaintOptions) -> float | None:
    """Seconds of painting, without those in the queue; None where nobody knows yet.

    The nearest of the same painter's counts, by area and effort. Raises `StoreDown`.
    """
    known = []
    for work, seconds in services().ledger.typical_seconds().items():
        match work.split():  # as `Job.work` says it
            case [options.painter, size, quality, "art"]:
                effort = EFFORT[options.quality] / EFFORT[quality]
                more = effort * (options.size / int(size)) ** 2
                known.append((abs(log(more)), seconds * more))
    nearest = min(known, default=None)
    return nearest[1] if nearest and nearest[0] <= log(FURTHEST) else None
