"""A stand-in for the worker: it takes jobs as a worker does and says what a test tells it to.

Only the network is missing: ledger, events, files and the way from probabilities to an answer are
the real ones. tests/e2e/test_facades.py has the network, too.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.services import Services
from app.settings import WebSettings
from models.species.answers import Seen, answered
from models.species.registry import Registry
from workers.holders import Holder
from workers.jobs import Failure, Job
from workers.ledger import Ledger
from workers.settings import WorkerSettings

Make = Callable[..., Any]
Probabilities = Mapping[str, float]
A_CAT = {"Felis catus": 0.9, "Canis familiaris": 0.04, "Vulpes vulpes": 0.03, "": 0.03}
SOME_THING = {"": 0.9, "Felis catus": 0.1}


@dataclass
class StandIn:
    ledger: Ledger
    registry: Registry
    says: Probabilities | Failure = field(default_factory=lambda: A_CAT)
    jobs: list[Job] = field(default_factory=list)
    """Those it was given."""
    ended: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        while not self.ended.wait(0.02):
            for id in self.ledger.waiting("quick", "species", 8):
                if attempt := self.ledger.take(id, str(Holder.here())):
                    self.jobs.append(attempt.job)
                    if isinstance(self.says, Failure):
                        attempt.fail(self.says)
                    else:
                        attempt.succeed(self.result(attempt.job, self.says))

    def result(self, job: Job, says: Probabilities) -> dict[str, Any]:
        """`says` has probabilities by scientific name; "" is whatever does not live."""
        card = self.registry.get(job.options["model"]).card
        names = [taxon.scientific_name if taxon else "" for taxon in card.taxon_of_class]
        first = {names.index(name): probability for name, probability in says.items()}
        probabilities = [first.get(place, 0.0) for place in range(len(names))]
        said = answered(card, Seen(probabilities), job.options["top_k"])
        return {**said.record(), "boxes": [], "photographs": [], "seconds": 0.1}


@pytest.fixture
def stand_in(ledger: Ledger, workers: WorkerSettings) -> Iterator[StandIn]:
    stand_in = StandIn(ledger, Registry(workers.models))
    thread = threading.Thread(target=stand_in.work)
    thread.start()
    yield stand_in
    stand_in.ended.set()
    thread.join()


@pytest.fixture
def photographs(jpeg: Make) -> Callable[[int], list[tuple[BytesIO, str]]]:
    """Makes so many files."""

    def make(count: int) -> list[tuple[BytesIO, str]]:
        return [(BytesIO(jpeg(64 + number, 48)), f"{number}.jpg") for number in range(count)]

    return make


@pytest.fixture
def here(app: Flask) -> Services:
    services: Services = app.extensions["merian"]
    return services


@pytest.fixture
def down(tmp_path: Path) -> FlaskClient:
    """A client of an application whose job store is not there."""
    workers = WorkerSettings(redis_url=f"unix://{tmp_path}/nothing.sock", data=tmp_path)
    return create_app(WebSettings(secret_key="x"), workers).test_client()
