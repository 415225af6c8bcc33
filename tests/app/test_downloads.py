"""Paintings in other formats, and answers as tables: right in colour, without a word, bounded."""

import csv
import json
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from app import downloads
from models.colour_profiles import SRGB
from models.style.options import PaintOptions
from models.style.output import write_painting
from tests.app.test_shares import ANSWER, GUESS
from workers.artifacts import FolderStore
from workers.attempts import Attempt
from workers.jobs import Job, Progress
from workers.ledger import Ledger

Make = Callable[..., Any]
KINDS = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP", "tiff": "TIFF", "avif": "AVIF"}
NOISE = {"png": 0.0, "tiff": 0.0, "jpeg": 3.0, "webp": 3.0, "avif": 3.0}
"""How far the mean channel may be off, of 255."""


@pytest.fixture
def attempt(painted: dict[str, Any], ledger: Ledger) -> Attempt:
    taken = ledger.take(painted["id"], "host/1/2/test")
    assert taken
    return taken


class Finished:
    """What the painter would have given to `write_painting`."""

    def __init__(self, image: Image.Image) -> None:
        self.image = image

    def picture(self) -> Image.Image:
        return self.image

    def pixels(self) -> Any:
        return np.asarray(self.image, np.float32) / np.float32(255)


@pytest.fixture
def get(
    attempt: Attempt, store: FolderStore, picture: Make, client: FlaskClient
) -> Callable[..., TestResponse]:
    """Finishes the job with a painting as workers write it, then fetches its result."""

    def finish(query: str, format: str = "png") -> TestResponse:
        options = PaintOptions(format=format)
        made = Finished(picture(96, 64))
        key = f"{attempt.folder}/painting"
        store.write(key, lambda file: write_painting(made, options, file))
        about = {"key": key, "width": 96, "height": 64, "seconds": 1.0}
        if format.startswith("tiff"):
            about["shown"] = f"{attempt.folder}/shown.png"
            plain = PaintOptions(format="png")
            store.write(about["shown"], lambda file: write_painting(made, plain, file))
        media_type = downloads.FORMATS[format].media_type
        attempt.succeed(about | {"media_type": media_type})
        return client.get(f"/api/v1/jobs/{attempt.job.id}/result{query}")

    return finish


@pytest.mark.parametrize("format", KINDS)
@pytest.mark.parametrize("painted_as", ["png", "tiff16"])
def test_each_format_has_the_picture_and_nothing_else(
    get: Callable[..., TestResponse], picture: Make, attempt: Attempt, format: str, painted_as: str
) -> None:
    answer = get(f"?format={format}&download=1", painted_as)
    kind = downloads.PICTURES[format]
    assert (answer.status_code, answer.mimetype) == (200, kind.media_type), answer.text
    name = f"merian-{attempt.job.id[:8]}{kind.endings[0]}"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    if (painted_as, format) == ("tiff16", "tiff"):
        return  # the original, which Pillow cannot read
    image = Image.open(BytesIO(answer.data))
    assert (image.format, image.size, image.mode) == (KINDS[format], (96, 64), "RGB")
    assert image.info["icc_profile"] == SRGB
    off = np.abs(np.asarray(image, np.float64) - np.asarray(picture(96, 64), np.float64))
    assert off.mean() <= NOISE[format]
    assert (b"strength" in answer.data) == (format == "png")  # kept as it was painted, or shown


def test_the_original_is_given_as_it_is(
    get: Callable[..., TestResponse], store: FolderStore, attempt: Attempt
) -> None:
    answer = get("?format=png")
    assert answer.data == store.read(f"{attempt.folder}/painting")
    assert "attachment" not in answer.headers.get("Content-Disposition", "")


def test_transparency_becomes_paper(store: FolderStore, tmp_path: Any) -> None:
    """Painters paint none, but what another version kept may have some."""
    clear = Image.new("RGBA", (32, 32), (200, 0, 0, 0))
    source, target = tmp_path / "source.png", tmp_path / "target.jpg"
    clear.save(source)
    downloads.convert(source, target, downloads.PICTURES["jpeg"])
    assert Image.open(target).getpixel((9, 9)) == (255, 255, 255)


def test_what_was_painted_until_it_was_cancelled(
    attempt: Attempt, store: FolderStore, jpeg: Make, client: FlaskClient, ledger: Ledger
) -> None:
    key = f"{attempt.folder}/preview.jpg"
    store.write(key, jpeg(96, 64, comment=b"a word", exif=_with_a_camera()))
    about = {"key": key, "width": 96, "height": 64, "version": 1}
    attempt.progress(Progress(1, 2, 0.5), about)
    ledger.cancel(attempt.job.id)
    answer = client.get(f"/api/v1/jobs/{attempt.job.id}/result?format=webp")
    image = Image.open(BytesIO(answer.data))
    assert (image.format, image.size) == ("WEBP", (96, 64))
    assert not image.getexif() and b"a word" not in answer.data and b"Camera" not in answer.data


def _with_a_camera() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    return exif


def test_too_many_at_once_are_asked_to_come_again(
    get: Callable[..., TestResponse], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "LONGEST_WAIT", 0.05)
    with downloads.turn():
        answer = get("?format=webp")
    assert (answer.status_code, answer.json["code"]) == (429, "busy")
    assert answer.headers["Retry-After"]


def test_nothing_stays(
    app: Flask, get: Callable[..., TestResponse], tmp_path: Any, client: FlaskClient
) -> None:
    room = app.extensions["merian"].room
    answer = get("?format=webp")
    assert room.taken == len(answer.data)  # until all of it was sent
    client.get(f"{answer.request.path}?format=webp", buffered=True)
    assert room.taken == len(answer.data)
    assert list((tmp_path / "incoming").iterdir()) == []
    room.take(room.most - room.taken)
    refused = client.get(answer.request.path + "?format=webp")
    assert (refused.status_code, refused.json["code"]) == (429, "busy")


def test_what_the_converter_cannot_do_is_told(store: FolderStore, tmp_path: Any) -> None:
    source = tmp_path / "source.png"
    Image.new("L", (9000, 8000)).save(source)  # more than the painter paints
    with pytest.raises(downloads.Refusal) as refused:
        downloads.convert(source, tmp_path / "target.webp", downloads.PICTURES["webp"])
    assert refused.value.code == "too_costly"


@pytest.mark.parametrize("format", ["json", "csv", "gif", "tiff16", "../x"])
def test_a_painting_has_no_such_format(get: Callable[..., TestResponse], format: str) -> None:
    answer = get(f"?format={format}")
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_parameter")


@pytest.fixture
def named(client: FlaskClient, ledger: Ledger) -> str:
    """The address of the result of a naming."""
    client.get("/api/v1/jobs")
    with client.session_transaction() as session:
        owner = str(session["owner"])
    job = ledger.create(Job(owner, {"model": "wildlife", "boxes": True}, {}, kind="species"), 9)
    attempt = ledger.take(job.id, "host/1/2/test")
    assert attempt
    lynx = GUESS | {"scientific_name": "Lynx, a = genus", "name": "lynx", "rank": "genus"}
    box = {"image": "image-0", "left": 1, "top": 1, "width": 9, "height": 9}
    boxes = [box | {"answers": [GUESS], "rollup": None}, box | {"answers": [GUESS], "rollup": lynx}]
    attempt.succeed(ANSWER | {"answers": [GUESS, lynx], "boxes": boxes, "photographs": []})
    return f"/api/v1/jobs/{job.id}/result"


def test_names_as_a_table(client: FlaskClient, named: str) -> None:
    answer = client.get(f"{named}?format=csv&download=1")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].endswith(f"{named[13:21]}.csv")
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert [(row["specimen"], row["name"]) for row in rows] == [
        ("", "domestic cat"), ("", "lynx"), ("1", "domestic cat"), ("2", "lynx"),
    ]  # fmt: skip
    assert rows[1]["scientific_name"] == "Lynx, a = genus"
    assert float(rows[0]["probability"]) == 0.97


def test_names_as_json(client: FlaskClient, named: str) -> None:
    answer = client.get(f"{named}?format=json&download=1")
    assert answer.headers["Content-Disposition"].endswith(".json")
    assert json.loads(answer.data) == client.get(named).json
    refused = client.get(f"{named}?format=png")
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_parameter")
