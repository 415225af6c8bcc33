"""A job's events as a stream for a browser (server-sent events)."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

from flask import Response

from app.errors import Refusal
from app.services import Services, services
from workers.events import BEGINNING, Event
from workers.jobs import Job, JobNotFound, State
from workers.store import StoreDown

EVENT_ID = re.compile(r"\d{1,19}-\d{1,19}")
HEARTBEAT = 15.0  # seconds of silence after which a proxy might hang up
WAIT_MS = 5000


def stream_events(job: Job, last_id: str) -> Response:
    """Every event after `last_id` ("": from the beginning) and what comes, until the job is over.

    204 where nothing can follow: it tells a browser not to connect again.
    """
    if last_id and not EVENT_ID.fullmatch(last_id):
        raise Refusal(
            "invalid_parameter", "Last-Event-ID is not the id of an event.", "Last-Event-ID"
        )
    after = last_id or BEGINNING
    if job.state.over and not services().events.read(job.id, after):
        return Response(status=204)
    slots = services().streams
    if not slots.acquire(blocking=False):
        raise Refusal("too_many_streams")
    response = Response(follow(services(), job.id, after), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(slots.release)
    return response


def follow(given: Services, job_id: str, after: str) -> Iterator[str]:
    """The stream's text. Ends after the last event, or when job or store are gone."""
    yield "retry: 2000\n\n"
    spoken = time.monotonic()
    try:
        while True:
            for event in given.events.read(job_id, after, WAIT_MS):
                after, spoken = event.id, time.monotonic()
                yield message(event)
                if State(event.data["state"]).over:
                    return
            given.ledger.get(job_id)
            if time.monotonic() - spoken > HEARTBEAT:
                spoken = time.monotonic()
                yield ": still here\n\n"
    except (JobNotFound, StoreDown):
        return


def message(event: Event) -> str:
    data: dict[str, Any] = dict(event.data)
    if data.get("preview"):  # where its file is, is nobody's business
        data["preview"] = {name: each for name, each in data["preview"].items() if name != "key"}
    return f"id: {event.id}\nevent: {event.type}\ndata: {json.dumps(data)}\n\n"
