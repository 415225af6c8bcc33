"""The API does what its document says, whatever it is sent: schemathesis against a real store."""

import itertools
import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from schemathesis import GenerationMode

from app import create_app
from app.settings import WebSettings
from workers.attempts import Attempt
from workers.celery import broker_url, celery
from workers.jobs import Job, Progress
from workers.ledger import Ledger
from workers.settings import WorkerSettings
from workers.store import Store

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "20"))
JOB_ID = re.compile("[0-9a-f]{32}")


def encoded(side: int, kind: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (side, 2 * side), "teal").save(file, kind)
    return file.getvalue()


def zipped(count: int) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        for number in range(count):
            archive.writestr(f"teal/{number}.jpg", encoded(16, "JPEG"))
    return file.getvalue()


for kind in ("JPEG", "PNG", "WEBP"):
    schemathesis.openapi.media_type(
        f"image/{kind.lower()}",
        st.integers(16, 64).map(lambda side, kind=kind: encoded(side, kind)),
    )
schemathesis.openapi.media_type("application/zip", st.integers(0, 9).map(lambda n: zipped(n)))


@pytest.fixture
def house(redis: Store, valkey_url: str, tmp_path: Path) -> Flask:
    """The web, on a store of its own, with one owner for all."""
    celery.conf.broker_url = broker_url(valkey_url)
    workers = WorkerSettings(redis_url=valkey_url, data=tmp_path, queue_limit=10_000)
    return create_app(WebSettings(secret_key="x", owner_mode="shared", max_size=8192), workers)


@pytest.fixture
def api(house: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", house)


@pytest.fixture
def finished(house: Flask, ledger: Ledger) -> Iterator[Job]:
    """A job with everything that one can have."""
    store = house.extensions["merian"].store
    id = "0123456789abcdef" * 2
    job = ledger.create(Job("local", {}, {"content": f"jobs/{id}/content.jpg"}, id=id), 10)
    store.write(job.inputs["content"], encoded(16, "JPEG"))
    attempt = ledger.take(id, "host/1/2/x")
    assert isinstance(attempt, Attempt)
    for name, kind in (("preview.jpg", "JPEG"), ("painting.png", "PNG")):
        store.write(f"jobs/{id}/{name}", encoded(16, kind))
    shown = {"key": f"jobs/{id}/preview.jpg", "width": 16, "height": 32, "version": 1}
    attempt.progress(Progress(1, 2, 0.5, "Painting", {"total": 1.5}), shown)
    attempt.succeed(
        {"key": f"jobs/{id}/painting.png", "width": 16, "height": 32,
         "media_type": "image/png", "seconds": 2.5}
    )  # fmt: skip
    yield ledger.get(id)


OPERATIONS = [
    ("POST", "/api/v1/art"),
    ("POST", "/api/v1/species"),
    ("GET", "/api/v1/datasets"),
    ("POST", "/api/v1/datasets"),
    ("POST", "/api/v1/training"),
    ("GET", "/api/v1/models"),
    ("GET", "/api/v1/models/{name}"),
    ("DELETE", "/api/v1/models/{name}"),
    ("GET", "/api/v1/models/{name}/download"),
    ("GET", "/api/v1/models/{name}/corrections"),
    ("GET", "/api/v1/jobs"),
    ("GET", "/api/v1/jobs/{id}"),
    ("DELETE", "/api/v1/jobs/{id}"),
    ("GET", "/api/v1/jobs/{id}/events"),
    ("GET", "/api/v1/jobs/{id}/result"),
    ("GET", "/api/v1/jobs/{id}/preview"),
    ("GET", "/api/v1/jobs/{id}/inputs/{name}"),
    ("GET", "/api/v1/jobs/{id}/heatmaps/{name}"),
    ("GET", "/api/v1/jobs/{id}/photographs/{number}"),
    ("GET", "/api/v1/jobs/{id}/evaluation"),
    ("GET", "/api/v1/jobs/{id}/evaluation/{number}"),
    ("GET", "/api/v1/jobs/{id}/correction"),
    ("PUT", "/api/v1/jobs/{id}/correction"),
    ("DELETE", "/api/v1/jobs/{id}/correction"),
    ("POST", "/api/v1/jobs/{id}/cancel"),
    ("POST", "/api/v1/jobs/{id}/share"),
    ("DELETE", "/api/v1/jobs/{id}/share"),
]
patient = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


def test_the_document_is_valid(api: Any) -> None:
    api.validate()
    assert api.raw_schema["openapi"].startswith("3.1")


def test_every_operation_is_tried(api: Any) -> None:
    described = {
        (method.upper(), path)
        for path, methods in api.raw_schema["paths"].items()
        for method in methods
    }
    assert described == set(OPERATIONS)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(
    ("method", "path"), OPERATIONS, ids=[" ".join(each) for each in OPERATIONS]
)
def test_whatever_is_sent(
    api: Any, finished: Job, method: str, path: str, mode: GenerationMode
) -> None:
    """Random ids find nothing: every second well-formed one becomes that of a finished job."""
    operation = api[path][method]
    if mode is GenerationMode.NEGATIVE and not (operation.path_parameters or operation.body):
        pytest.skip("takes nothing that could be wrong")
    turn = itertools.cycle([True, False])

    @patient
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        if JOB_ID.fullmatch(str(case.path_parameters.get("id"))) and next(turn):
            case.path_parameters["id"] = finished.id
        if isinstance(case.body, dict) and mode is GenerationMode.POSITIVE:
            # schemathesis makes one picture for a list of them, and then sends it as text.
            for field in ("style", "image"):
                if field in case.body and not isinstance(case.body[field], list):
                    case.body[field] = [case.body[field]]
            # One for each style: no schema can say that, tests/app/api/test_art.py does.
            for name in ("mask", "style_weights"):
                case.body.pop(name, None)
        case.call_and_validate()

    send()
