"""A job as an HTTP answer: its JSON, its version, and when to ask again."""

from flask import Response, request

from app.api.schemas import JobModel
from workers.jobs import Job

ASK_AGAIN = 1  # seconds


def job_answer(job: Job) -> Response:
    """The job's JSON, with Retry-After until it is over."""
    response = Response(JobModel.of(job).model_dump_json(), mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    if not job.state.over:
        response.headers["Retry-After"] = str(ASK_AGAIN)
    return response


def accepted(job: Job) -> Response:
    """202: the job was handed in, and `Location` says where to ask for it."""
    response = job_answer(job)
    response.status_code = 202
    response.headers["Location"] = response.json["links"]["self"]  # type: ignore[index]
    return response


def job_answer_if_changed(job: Job) -> Response:
    """304 where the caller has seen this version. Weak: the estimate moves between versions."""
    response = job_answer(job)
    position = response.json["position"]  # type: ignore[index]
    response.set_etag(f"{job.version}-{position}", weak=True)
    response.make_conditional(request)
    return response
