"""Archives of photographs, and models as trainings leave them."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient

from workers.settings import WorkerSettings

Make = Callable[..., Any]


@pytest.fixture
def owner(client: FlaskClient) -> str:
    """The name that this browser's cookie gives it."""
    client.get("/api/v1/datasets")
    with client.session_transaction() as session:
        return str(session["owner"])


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """Another browser."""
    return app.test_client()


@pytest.fixture
def zipped(jpeg: Make) -> Callable[..., bytes]:
    """Makes an archive of a data set: how many photographs each class has."""

    def make(**classes: int) -> bytes:
        file = BytesIO()
        with ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for label, count in (classes or {"rose": 2, "tulip": 2}).items():
                for number in range(count):
                    archive.writestr(f"{label}/{number}.jpg", jpeg(96 + number, 64))
        return file.getvalue()

    return make


@pytest.fixture
def archive(zipped: Callable[..., bytes]) -> Callable[..., tuple[BytesIO, str]]:
    return lambda **classes: (BytesIO(zipped(**classes)), "flowers.zip")


@pytest.fixture
def own_model(workers: WorkerSettings) -> Callable[..., Path]:
    """Makes a model's folder."""

    def make(name: str = "mine", owner: str = "") -> Path:
        folder = workers.models / name
        folder.mkdir(parents=True)
        weights = b"weights of " + name.encode()
        insect = {"kingdom": "Animalia", "class": "Insecta", "genus": "Danaus"}
        card = {
            "name": name, "version": "1", "title": {"en": "Mine"}, "description": {},
            "licence": "CC0-1.0", "training_data": "None.", "backbone": "efficientnet_lite0",
            "preprocessing": {"pixels": 224, "share": 0.9},
            "weights": {"file": "model.safetensors", "sha256": hashlib.sha256(weights).hexdigest()},
            "taxa": [
                insect | {"species": "Danaus plexippus"}, insect | {"species": "Danaus gilippus"},
            ],
            "classes": [["monarch", 0], ["old monarch", 0], ["a queen", 1], ["lamp", None]],
        }  # fmt: skip
        (folder / "card.json").write_text(json.dumps(card))
        (folder / "model.safetensors").write_bytes(weights)
        (folder / "photographs.csv").write_text("sha256,label,split\n")
        if owner:
            (folder / "owner.txt").write_text(owner)
        return folder

    return make
