"""Whether this process is alive, and whether what is handed in now would be done."""

import logging

from flask import Blueprint, Response, jsonify

from app.services import services
from workers.census import Census, take_census
from workers.formats import FORMAT
from workers.jobs import QUEUES
from workers.store import StoreDown

log = logging.getLogger(__name__)
blueprint = Blueprint("probes", __name__)

NEEDED = ("quick", "slow")
"""Without these no painting is made and no species named; trainings can wait."""


@blueprint.get("/healthz")
def healthz() -> Response:
    """This process answers."""
    return jsonify(alive=True)


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """What would be missing to paint a picture that is handed in now; 503 where something is."""
    census = look()
    queues = census.consumed if census else dict.fromkeys(QUEUES, False)
    checks = {
        "store": store_answers(),
        "artifacts": artifacts_take_files(),
        "worker": all(queues[name] for name in NEEDED),
    }
    answer = checks | {"queues": queues, "workers": workers(census)}
    return jsonify(answer), 200 if all(checks.values()) else 503


def store_answers() -> bool:
    try:
        return bool(services().redis.ping())
    except StoreDown:
        return False


def look() -> Census | None:
    """None where the store is away."""
    try:
        return take_census(services().ledger)
    except StoreDown:
        return None


def workers(census: Census | None) -> dict[str, int]:
    """How many tell of themselves; of these, how many leave, and are too old for new jobs."""
    there = census.members if census else ()
    return {
        "there": len(there),
        "going": sum(each.going for each in there),
        "too_old": sum(each.format < FORMAT for each in there),
    }


def artifacts_take_files() -> bool:
    try:
        services().store.check()
    except OSError as failure:
        log.warning("artifacts are not taken", extra={"why": str(failure)})
        return False
    return True
