"""Where the pictures and events of a job are: at the API, for pages and programs alike."""

from dataclasses import dataclass

from flask import url_for

from workers.jobs import Job


@dataclass(frozen=True)
class Links:
    page: str
    events: str
    preview: str
    result: str
    shown: str
    inputs: dict[str, str]
    heatmaps: str


def links_of(job: Job) -> Links:
    base = f"/api/v1/jobs/{job.id}"
    return Links(
        page=url_for("jobs.show", id=job.id),
        events=f"{base}/events",
        preview=f"{base}/preview",
        result=f"{base}/result",
        shown=f"{base}/result?shown=1",
        inputs={name: f"{base}/inputs/{name}" for name in job.inputs if name != "archive"},
        heatmaps=f"{base}/heatmaps",
    )
