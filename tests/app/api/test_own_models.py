"""Models of one's own: given out whole, removed by their owner alone."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.settings import WebSettings
from workers.settings import WorkerSettings

Make = Callable[..., Any]


def test_a_model_is_given_out_as_it_is(
    client: FlaskClient, stranger: FlaskClient, owner: str, own_model: Callable[..., Path]
) -> None:
    folder = own_model("mine", owner)
    (folder / ".part").write_bytes(b"")
    answer = client.get("/api/v1/models/mine/download")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == "attachment; filename=mine.zip"
    with ZipFile(BytesIO(answer.data)) as archive:
        names = ["mine/card.json", "mine/model.safetensors", "mine/photographs.csv"]
        assert archive.namelist() == names
        assert archive.testzip() is None
        for entry in archive.infolist():
            assert entry.compress_type == ZIP_STORED
            assert archive.read(entry) == (folder / Path(entry.filename).name).read_bytes()
    assert stranger.get("/api/v1/models/mine/download").status_code == 200


def test_a_large_model_is_sent_in_parts(
    client: FlaskClient, own_model: Callable[..., Path]
) -> None:
    folder = own_model("mine")
    weights = os.urandom(3_000_000)
    (folder / "notes.bin").write_bytes(weights)
    answer = client.get("/api/v1/models/mine/download", buffered=False)
    parts = list(answer.iter_encoded())
    assert len(parts) > 10 and max(map(len, parts)) < 300_000
    with ZipFile(BytesIO(b"".join(parts))) as archive:
        assert archive.read("mine/notes.bin") == weights


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("wildlife", 409, "model_packaged"), ("classic", 409, "model_packaged"),
        ("gone", 404, "unknown_model"), ("..", 404, "unknown_model"),
    ],
)  # fmt: skip
def test_what_is_not_given_out_nor_removed(
    client: FlaskClient, name: str, status: int, code: str
) -> None:
    given, removed = (
        client.get(f"/api/v1/models/{name}/download"), client.delete(f"/api/v1/models/{name}"),
    )  # fmt: skip
    assert (given.status_code, given.json["code"]) == (status, code)
    assert removed.status_code in (status, 405) and removed.json["code"] != "internal_error"
    assert client.get("/api/v1/models/wildlife").status_code == 200


def test_names_that_lead_elsewhere_remove_nothing(
    client: FlaskClient, workers: WorkerSettings, own_model: Make
) -> None:
    own_model("mine")
    for name in ("%2e%2e", "...", ".", "-", "MINE", "mine."):
        assert client.delete(f"/api/v1/models/{name}").status_code in (404, 405, 308), name
    assert workers.data.exists() and (workers.models / "mine").exists()


def test_a_damaged_model_is_not_given_out_but_may_be_removed(
    client: FlaskClient, owner: str, own_model: Callable[..., Path]
) -> None:
    folder = own_model("mine", owner)
    (folder / "model.safetensors").write_bytes(b"other")
    assert client.get("/api/v1/models/mine/download").json["code"] == "model_damaged"
    assert client.delete("/api/v1/models/mine").status_code == 204
    assert not folder.exists()


def test_a_model_is_removed_by_its_owner_alone(
    client: FlaskClient, stranger: FlaskClient, owner: str, workers: WorkerSettings,
    own_model: Callable[..., Path],
) -> None:  # fmt: skip
    own_model("mine", owner)
    own_model("theirs")
    refused = stranger.delete("/api/v1/models/mine")
    assert (refused.status_code, refused.json["code"]) == (403, "not_yours")
    assert client.delete("/api/v1/models/theirs").json["code"] == "not_yours"
    for browser, yours in ((client, True), (stranger, False)):
        listed = {each["name"]: each for each in browser.get("/api/v1/models").json["models"]}
        assert listed["mine"]["yours"] is yours
        assert not listed["theirs"]["yours"] and not listed["wildlife"]["yours"]
    assert client.delete("/api/v1/models/mine").status_code == 204
    assert client.get("/api/v1/models/mine").json["code"] == "unknown_model"
    assert client.delete("/api/v1/models/mine").json["code"] == "unknown_model"
    assert [path.name for path in workers.models.iterdir()] == ["theirs"]
    assert not [path for path in workers.data.iterdir() if path.name.startswith(".")]


def test_where_all_share_all_may_remove(
    workers: WorkerSettings, own_model: Callable[..., Path]
) -> None:
    own_model("mine", "somebody")
    own_model("theirs")
    app = create_app(WebSettings(secret_key="x", owner_mode="shared"), workers)
    for name in ("mine", "theirs"):
        assert app.test_client().delete(f"/api/v1/models/{name}").status_code == 204
