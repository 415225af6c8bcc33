"""What a request works with: the settings, the jobs, their events and their files."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from app.channels import Channels
from app.incoming import Room
from app.samples import Sample, read_samples
from app.seats import Seats
from app.settings import WebSettings
from models.species.registry import Registry
from workers.artifacts import ArtifactStore, open_store
from workers.embedded import redis_url
from workers.events import EventLog
from workers.keys import Keys
from workers.ledger import Ledger
from workers.limits import Limits
from workers.settings import WorkerSettings
from workers.shared_models import open_registry
from workers.store import Store, connect
from workers.submit import Submitter

PATIENCE = 8.0
"""Seconds for which a request waits for artifacts elsewhere that do not answer."""


@dataclass(frozen=True)
class Services:
    """Made once an application; nothing here touches the network until it is used."""

    settings: WebSettings
    workers: WorkerSettings
    redis: Store
    ledger: Ledger
    events: EventLog
    store: ArtifactStore
    submitter: Submitter
    samples: dict[str, Sample]
    registry: Registry
    """The species models."""
    keys: Keys
    limits: Limits
    channels: Channels
    seats: Seats
    """One for every stream of events that may be open."""
    room: Room
    """For what is on its way in."""


def install(app: Flask, settings: WebSettings, workers: WorkerSettings) -> None:
    redis = connect(redis_url(workers), workers.redis_wait)
    ledger = Ledger(redis, workers.lease_seconds, workers.max_attempts)
    events = EventLog(redis)
    store = open_store(workers, PATIENCE)
    room = Room(workers.data / "incoming", settings.max_incoming)
    room.sweep()
    app.extensions["merian"] = Services(
        settings=settings,
        workers=workers,
        redis=redis,
        ledger=ledger,
        events=events,
        store=store,
        submitter=Submitter(ledger, workers.queue_limit, settings.most_waiting),
        samples=read_samples(),
        registry=open_registry(workers, store),
        keys=Keys.at(redis),
        limits=Limits.at(redis),
        channels=Channels(events, ledger),
        seats=Seats(settings.event_streams),
        room=room,
    )


def services() -> Services:
    """Those of the application that answers this request."""
    return cast(Services, current_app.extensions["merian"])
