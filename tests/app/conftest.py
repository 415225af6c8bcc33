"""The web on a real Valkey and a real folder; pictures are made here, byte for byte real files."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app import create_app
from app.settings import WebSettings
from workers.celery import broker_url, celery
from workers.ledger import Ledger
from workers.settings import WorkerSettings

SECRET = "only for tests"
Make = Callable[..., bytes]


@pytest.fixture(scope="session", autouse=True)
def broker(valkey_url: str) -> None:
    celery.conf.broker_url = broker_url(valkey_url)


@pytest.fixture
def workers(redis: object, valkey_url: str, tmp_path: Path) -> WorkerSettings:
    return WorkerSettings(redis_url=valkey_url, data=tmp_path)


@pytest.fixture
def app(workers: WorkerSettings) -> Iterator[Flask]:
    app = create_app(WebSettings(secret_key=SECRET), workers)
    app.testing = True
    yield app
    app.extensions["merian.tally"].flush()  # what it counted is not for the next test's store


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser of its own: another client is another owner."""
    return app.test_client()


@pytest.fixture(scope="session")
def picture() -> Callable[..., Image.Image]:
    """Makes soft colours, the same each time."""

    def make(width: int = 96, height: int = 64) -> Image.Image:
        numbers = np.random.default_rng(1647)
        small = numbers.integers(0, 255, (height // 24 + 2, width // 24 + 2, 3), dtype=np.uint8)
        return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)

    return make


@pytest.fixture(scope="session")
def jpeg(picture: Callable[..., Image.Image]) -> Make:
    """Makes the file of a photograph."""

    def make(width: int = 96, height: int = 64, **how: Any) -> bytes:
        return encoded(picture(width, height), "JPEG", **how)

    return make


def encoded(image: Image.Image, kind: str, **how: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


@pytest.fixture
def fields(jpeg: Make) -> Callable[..., dict[str, Any]]:
    """A filled-in form: two pictures, and what the test says."""

    def make(**entries: Any) -> dict[str, Any]:
        photograph = (BytesIO(jpeg(96, 64)), "photo.jpg")
        painting = (BytesIO(jpeg(48, 64)), "style.jpg")
        return {"content": photograph, "style": painting} | entries

    return make


@pytest.fixture
def painted(client: FlaskClient, fields: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """A job that was handed in through the API: its JSON."""
    answer = client.post("/api/v1/art", data=fields())
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json
    return job


@pytest.fixture
def nothing_kept(ledger: Ledger, tmp_path: Path) -> Callable[[], None]:
    """Asserts that no job is there and no file was stored, but the line on what was removed."""

    def check() -> None:
        assert not any(ledger.counts().values())
        assert ledger.newest(10) == []
        kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "audit.log"]
        assert kept == []

    return check


class Server:
    """gunicorn as `merian up` starts it."""

    def __init__(self, process: subprocess.Popen[bytes], address: str, log: Path) -> None:
        self.process = process
        self.address = address
        self.log = log


@pytest.fixture
def server(worker_environ: dict[str, str], tmp_path: Path) -> Iterator[Server]:
    log = tmp_path / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn", "--config", "python:commands.serving",
                "--workers", "1", "--bind", "127.0.0.1:0", "--graceful-timeout", "1",
                "app:create_app()",
            ],
            env=worker_environ | {"MERIAN_SECRET_KEY": SECRET},
            stdout=output, stderr=output,
        )  # fmt: skip
    try:
        address = listening(log)
        yield Server(process, address, log)
    finally:
        process.terminate()
        process.wait(20)


def listening(log: Path) -> str:
    """The address that gunicorn says it has, once it answers there."""
    for _ in range(200):
        time.sleep(0.1)
        found = [word for word in log.read_text().split() if word.startswith("http://127")]
        if found:
            urllib.request.urlopen(f"{found[0]}/healthz", timeout=20).close()
            return found[0]
    raise AssertionError(log.read_text())
