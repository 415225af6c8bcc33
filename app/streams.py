"""A job's events as a stream for a browser (server-sent events)."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from flask import Response

from app.channels import Channels
from app.errors import Refusal
from app.services import services
from workers.events import BEGINNING, Event
from workers.jobs import Job, State
from workers.ledger import JobNotFound
from workers.store import StoreDown

EVENT_ID = re.compile(r"\d{1,19}-\d{1,19}")
HEARTBEAT = 15.0  # seconds of silence after which a proxy might hang up


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
    seats = services().seats
    if not seats.take(job.owner):
        raise Refusal("too_many_streams")
    response = Response(follow(services().channels, job.id, after), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(lambda: seats.leave(job.owner))
    return response


def follow(channels: Channels, job_id: str, after: str) -> Iterator[str]:
    """The stream's text. Ends after the last event, or when job or store are gone."""
    yield "retry: 2000\n\n"
    with suppress(JobNotFound, StoreDown), channels.joined(job_id) as channel:
        while True:
            events = channel.after(after, HEARTBEAT)
            for event in events:
                after = event.id
                yield message(event)
                if State(event.data["state"]).over:
                    return
            if not events:
                yield ": still here\n\n"


def message(event: Event) -> str:
    data: dict[str, Any] = dict(event.data)
    if data.get("preview"):  # where its file is, is nobody's business
        data["preview"] = {name: each for name, each in data["preview"].items() if name != "key"}
    return f"id: {event.id}\nevent: {event.type}\ndata: {json.dumps(data)}\n\n"
