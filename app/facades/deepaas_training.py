"""DEEPaaS V2's trainings (ai4os/DEEPaaS, `api/v2/train.py`): start, list, watch and cancel them.

Its server answers with status done where its schema says completed; clients read the former.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from app.archives import takes_archive
from app.jobs import cancel_job
from app.keys import needs, submits
from app.security import current_owner, owned_job
from app.services import services
from app.trainings import submit_training
from workers.jobs import Job, State
from workers.ledger import JobNotFound

blueprint = Blueprint("deepaas_training", __name__, url_prefix="/v2/models")
STATUS = {
    State.QUEUED: "running", State.RUNNING: "running", State.SUCCEEDED: "done",
    State.FAILED: "error", State.CANCELLED: "cancelled",
}  # fmt: skip
NEWEST = 100
"""Jobs of the owner among which trainings are looked for."""


@blueprint.post("/<name>/train/", strict_slashes=False)
@takes_archive
@submits("train")
def start(name: str) -> Response:
    """Train the model of that name anew, or a new one. Arguments come in the address or the form:
    those of `POST /api/v1/training`."""
    values = {"replace": "true"} | request.args.to_dict() | request.form.to_dict()
    job = submit_training(values | {"name": name}, request.files, current_owner())
    return jsonify(told(job))


@blueprint.get("/<name>/train/", strict_slashes=False)
@needs("read")
def index(name: str) -> Response:
    jobs, _ = services().ledger.page(current_owner(), NEWEST)
    return jsonify([told(job) for job in jobs if is_of(job, name)])


@blueprint.get("/<name>/train/<uuid>")
@needs("read")
def show(name: str, uuid: str) -> Response:
    return jsonify(told(found(name, uuid)))


@blueprint.delete("/<name>/train/<uuid>")
@needs("delete")
def cancel(name: str, uuid: str) -> Response:
    """Stop it; what was learnt so far is kept. One that is over stays as it is."""
    job = found(name, uuid)
    return jsonify(told(job if job.state.over else cancel_job(job.id)))


def found(name: str, uuid: str) -> Job:
    """The owner's training of that model. Raises `JobNotFound`."""
    id = uuid.replace("-", "").lower()
    if not re.fullmatch(r"[0-9a-f]{32}", id) or not is_of(job := owned_job(id), name):
        raise JobNotFound(uuid)
    return job


def is_of(job: Job, name: str) -> bool:
    return job.kind == "training" and job.options["name"] == name


def told(job: Job) -> dict[str, Any]:
    """A job in DEEPaaS's words."""
    said: dict[str, Any] = {
        "date": date(job.created_at), "args": dict(job.options), "uuid": job.id,
        "status": STATUS[job.state],
    }  # fmt: skip
    if job.error:
        said["message"] = job.error.message
    if job.result and job.finished_at:
        seconds = job.finished_at - job.created_at
        said["result"] = {
            "finish_date": date(job.finished_at), "duration": str(timedelta(seconds=seconds)),
            "metrics": job.result["metrics"],
        }  # fmt: skip
    return said


def date(seconds: float) -> str:
    """As clients parse it: `%Y-%m-%d %H:%M:%S.%f`, here in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
