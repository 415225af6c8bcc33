"""Pictures used again without a new upload: of another job, and styles of one's own."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.kept import MOST_STYLES, jpeg_size
from tests.app.pages.conftest import Send, complaint
from workers.artifacts import FolderStore
from workers.ledger import Ledger

Fields = Callable[..., dict[str, Any]]


@pytest.fixture
def job(send: Send, fields: Fields, jpeg: Callable[..., bytes]) -> str:
    """A painting of one photograph, two paintings and their masks; its id."""
    form = fields(size="128", strength="0.7", style_weights="2,1", painter="light")
    form["style"] = [(BytesIO(jpeg(48, 64)), "a.jpg"), (BytesIO(jpeg(64, 64)), "b.jpg")]
    form["mask"] = [(BytesIO(jpeg(96, 64)), "a.jpg"), (BytesIO(jpeg(64, 64)), "b.jpg")]
    return send("/art", **form).location.rsplit("/", 1)[1]


def form_on(page: str) -> dict[str, str]:
    """What a browser without scripts would send of the Art form's page."""
    form = page.split('id="art"')[1].split("</form>")[0]
    entries: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        kind, name, value = (
            (re.search(rf'{each}="([^"]*)"', tag) or ["", ""])[1]
            for each in ("type", "name", "value")
        )
        if kind not in ("file", "radio", "checkbox") or " checked" in tag:
            entries.setdefault(name, value)
    for name, options in re.findall(r'<select[^>]*name="([^"]+)".*?>(.*?)</select>', form, re.S):
        entries[name] = (re.search(r'value="([^"]*)" selected', options) or ["", ""])[1]
    entries.pop("csrf_token")
    return entries


def test_repainting_with_changes(
    send: Send, client: FlaskClient, job: str, ledger: Ledger, store: FolderStore
) -> None:
    entries = form_on(client.get(f"/art?like={job}&strength=0.3").text)
    again = ledger.get(send("/art", **entries | {"seed": "7"}).location.rsplit("/", 1)[1])
    first = ledger.get(job)
    assert again.options == {**first.options, "strength": 0.3, "seed": 7}
    assert list(again.inputs) == ["content", "style-0", "style-1", "mask-0", "mask-1"]
    for name, key in again.inputs.items():
        assert key != first.inputs[name]
        assert store.read(key) == store.read(first.inputs[name])


def test_new_paintings_do_not_take_the_old_masks(
    send: Send, client: FlaskClient, job: str, fields: Fields, ledger: Ledger
) -> None:
    entries = form_on(client.get(f"/art?like={job}").text) | {"style_weights": ""}
    answer = send("/art", **entries | {"style": fields()["style"]})
    again = ledger.get(answer.location.rsplit("/", 1)[1])
    assert list(again.inputs) == ["content", "style-0"]


def test_a_job_that_is_gone_is_said(send: Send, client: FlaskClient, job: str) -> None:
    entries = form_on(client.get(f"/art?like={job}").text)
    send(f"/jobs/{job}/delete")
    answer = send("/art", **entries)
    assert answer.status_code == 422
    assert complaint(answer, "content") == "The picture is not there any more."
    assert client.get(f"/art?like={job}").status_code == 404


def test_what_others_painted_lends_nothing(app: Flask, client: FlaskClient, job: str) -> None:
    stranger = app.test_client()
    assert stranger.get(f"/art?like={job}").status_code == 404
    for entries in (
        {"content_sample": f"job-{job}", "style_sample": "poppies"},
        {"content_sample": "coffee", "style_sample": f"job-{job}"},
    ):
        assert job not in stranger.get("/art", query_string=entries).text.split("<main")[1].replace(
            f"/art?content_sample=job-{job}", ""
        )
        answer = stranger.post("/api/v1/art", data=entries, content_type="multipart/form-data")
        assert (answer.status_code, answer.json["code"]) == (422, "unknown_sample")  # type: ignore[index]
    form = {"image_sample": f"job-{job}"}
    answer = stranger.post("/api/v1/species", data=form, content_type="multipart/form-data")
    assert answer.status_code == 422


def test_a_painting_and_a_name_lead_to_each_other(
    send: Send, client: FlaskClient, job: str, ledger: Ledger, store: FolderStore
) -> None:
    page = client.get(f"/species?image_sample=job-{job}").text
    assert f'value="job-{job}" data-picture="/api/v1/jobs/{job}/inputs/content" checked' in page
    answer = send("/species", page="/species", image_sample=f"job-{job}")
    named = ledger.get(answer.location.rsplit("/", 1)[1])
    photograph = store.read(ledger.get(job).inputs["content"])
    assert store.read(named.inputs["image-0"]) == photograph
    page = client.get(f"/art?like={named.id}").text
    assert f'name="content_sample" value="job-{named.id}"' in page
    assert f'name="style_sample" value="job-{named.id}"' not in page


def test_a_style_is_kept_used_and_forgotten(
    send: Send, client: FlaskClient, app: Flask, job: str, ledger: Ledger, store: FolderStore
) -> None:
    for _ in range(2):  # the same twice is kept once
        assert send("/styles", job=job).location == "/art#styles"
    page = client.get("/art").text
    found = re.findall(r'name="style_sample" value="(kept-[0-9a-f]+)"', page)
    assert len(found) == 2
    assert client.get(f"/styles/{found[0][5:]}").mimetype == "image/jpeg"
    answer = send("/art", content_sample="coffee", style_sample=found[0])
    used = ledger.get(answer.location.rsplit("/", 1)[1])
    assert store.read(used.inputs["style-0"]) in [
        store.read(ledger.get(job).inputs[name]) for name in ("style-0", "style-1")
    ]
    stranger = app.test_client()
    assert "kept-" not in stranger.get("/art").text
    assert stranger.get(f"/styles/{found[0][5:]}").status_code == 404
    assert send(f"/styles/{found[0][5:]}/delete").location == "/art#styles"
    assert found[0] not in client.get("/art").text and found[1] in client.get("/art").text
    gone = send("/art", content_sample="coffee", style_sample=found[0])
    assert complaint(gone, "style") == "The picture is not there any more."


def test_a_style_is_kept_with_a_tick(send: Send, client: FlaskClient, fields: Fields) -> None:
    assert send("/art", **fields(keep_style="1")).status_code == 303
    assert client.get("/art").text.count('name="style_sample" value="kept-') == 1


def test_a_strangers_job_gives_no_style(app: Flask, send: Send, fields: Fields) -> None:
    theirs = app.test_client().post("/api/v1/art", data=fields()).json["id"]  # type: ignore[index]
    assert send("/styles", job=theirs).status_code == 404


@pytest.mark.parametrize("id", ["..", "x", "0" * 16, "../../jobs"])
def test_no_other_file_is_shown_as_a_style(client: FlaskClient, id: str) -> None:
    assert client.get(f"/styles/{id}").status_code == 404


def test_so_many_styles_and_no_more(
    send: Send, job: str, client: FlaskClient, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_STYLES > 10
    monkeypatch.setattr("app.kept.MOST_STYLES", 1)
    answer = send("/styles", job=job)
    assert answer.status_code == 422
    assert "At most 1 can be kept." in answer.text
    assert client.get("/art").text.count('value="kept-') == 1


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"quality": 20, "comment": b"x" * 900}])
def test_the_size_of_a_jpeg(tmp_path: Path, how: dict[str, Any]) -> None:
    Image.new("RGB", (123, 45)).save(tmp_path / "a.jpg", **how)
    assert jpeg_size(tmp_path / "a.jpg") == (123, 45)
