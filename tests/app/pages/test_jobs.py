"""The page of a job in each state, and the gallery; an owner sees only what is theirs."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.app.pages.conftest import Send
from workers.artifacts import FolderStore
from workers.attempts import Attempt
from workers.holders import Holder
from workers.jobs import Failure, Progress
from workers.ledger import Ledger

Painted = dict[str, Any]
PREVIEW = {"key": "none", "width": 120, "height": 80, "version": 7}
HALF = Progress(30, 60, 0.5, "Painting", {"content": 0.25, "style": 1.5, "total": 1.75})


@pytest.fixture
def attempt(painted: Painted, ledger: Ledger) -> Attempt:
    """A worker's hold on the client's one job."""
    taken = ledger.take(painted["id"], str(Holder.here()))
    assert taken
    return taken


def test_a_waiting_job_says_its_place(client: FlaskClient, painted: Painted) -> None:
    page = client.get(f"/jobs/{painted['id']}").text
    assert "Waiting for the painter" in page
    assert "It is the next one." in page
    assert "512 × 341 px" in page and "GB</dd>" in page  # told before it begins
    assert '<noscript><meta http-equiv="refresh"' in page


def test_the_place_counts_those_before(
    client: FlaskClient, fields: Callable[..., dict[str, Any]]
) -> None:
    jobs = [client.post("/api/v1/art", data=fields()).json for _ in range(3)]
    pages = [client.get(f"/jobs/{job['id']}").text for job in jobs]
    assert "1 picture comes before this one." in pages[1]
    assert "2 pictures come before this one." in pages[2]
    spanish = client.get(f"/jobs/{jobs[2]['id']}", headers={"Accept-Language": "es"}).text
    assert "Antes de esta van 2 imágenes." in spanish


def test_a_running_job_shows_how_far_it_is(
    client: FlaskClient, painted: Painted, attempt: Attempt
) -> None:
    attempt.progress(HALF, PREVIEW)
    page = client.get(f"/jobs/{painted['id']}", headers={"Accept-Language": "es"}).text
    assert "Pintando …" in page
    assert 'value="0.5000"' in page
    assert "50 % pintado" in page.replace("\xa0", " ")
    assert f"/api/v1/jobs/{painted['id']}/preview?v=7" in page
    assert "<dd>1,75</dd>" in page


def test_a_finished_job_offers_the_picture(
    client: FlaskClient, painted: Painted, attempt: Attempt
) -> None:
    made = {"key": "none", "width": 120, "height": 80, "media_type": "image/png", "seconds": 12.4}
    attempt.succeed(made)
    page = client.get(f"/jobs/{painted['id']}").text
    assert "120 × 80 px, painted in 12 seconds." in page
    result = f"/api/v1/jobs/{painted['id']}/result?download=1"
    formats = re.findall(f'href="{re.escape(result)}([^"]*)">([^<]+)<', page)
    assert formats == [
        ("", "Download"), ("&amp;format=jpeg", "JPEG"), ("&amp;format=webp", "WebP"),
        ("&amp;format=tiff", "TIFF"), ("&amp;format=avif", "AVIF"),
    ]  # fmt: skip
    assert "refresh" not in page


def test_a_failed_job_says_why(client: FlaskClient, painted: Painted, attempt: Attempt) -> None:
    attempt.fail(Failure("out_of_memory", "There was not enough memory for <this>."))
    page = client.get(f"/jobs/{painted['id']}").text
    assert "There was not enough memory for &lt;this&gt;." in page


def test_cancelling_by_form(send: Send, painted: Painted, client: FlaskClient) -> None:
    page = f"/jobs/{painted['id']}"
    for _ in range(2):  # a second press changes nothing
        answer = send(f"{page}/cancel", page=page)
        assert answer.status_code == 303
    assert "Nothing had been painted yet." in client.get(page).text


def test_cancelling_what_is_finished_shows_it(
    send: Send, painted: Painted, attempt: Attempt, client: FlaskClient
) -> None:
    attempt.fail(Failure("internal", "Too late."))
    page = f"/jobs/{painted['id']}"
    assert send(f"{page}/cancel", page=page).location == page
    assert "The painting failed" in client.get(page).text


def test_deleting_by_form_leaves_nothing(
    send: Send, painted: Painted, client: FlaskClient, tmp_path: Path
) -> None:
    page = f"/jobs/{painted['id']}"
    assert list(tmp_path.rglob("content.jpg"))
    assert send(f"{page}/delete", page=page).location == "/jobs"
    assert client.get(page).status_code == 404
    assert not list(tmp_path.rglob("*.jpg"))


def test_another_owner_finds_nothing(app: Flask, painted: Painted, client: FlaskClient) -> None:
    stranger = app.test_client()
    page = f"/jobs/{painted['id']}"
    assert stranger.get(page).status_code == 404
    assert painted["id"] not in stranger.get("/jobs").text
    assert painted["id"] in client.get("/jobs").text


@pytest.mark.parametrize("deed", ["cancel", "delete"])
def test_another_owner_can_do_nothing(
    send: Send, app: Flask, fields: Callable[..., dict[str, Any]], ledger: Ledger, deed: str
) -> None:
    theirs = app.test_client().post("/api/v1/art", data=fields()).json
    before = ledger.get(theirs["id"])
    assert send(f"/jobs/{theirs['id']}/{deed}").status_code == 404
    assert ledger.get(theirs["id"]) == before


def test_the_gallery_turns_its_pages(
    client: FlaskClient, fields: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pages.jobs.PAGE", 2)
    ids = [client.post("/api/v1/art", data=fields()).json["id"] for _ in range(3)]
    first = client.get("/jobs").text
    assert [f"/jobs/{id}" in first for id in ids] == [False, True, True]
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = client.get(older).text
    assert [f"/jobs/{id}" in second for id in ids] == [True, False, False]
    assert "Newest" in second


def test_an_empty_gallery_invites(client: FlaskClient) -> None:
    assert "Paint the first picture" in client.get("/jobs").text


def test_an_unknown_cursor_is_refused(client: FlaskClient) -> None:
    assert 400 <= client.get("/jobs?cursor=nonsense").status_code < 500


def test_a_tiff_is_shown_as_png_and_kept_as_tiff(
    client: FlaskClient, painted: Painted, attempt: Attempt, store: FolderStore
) -> None:
    for key in ("painting.tif", "shown.png"):
        store.write(f"{attempt.folder}/{key}", key.encode())
    made = {"key": f"{attempt.folder}/painting.tif", "shown": f"{attempt.folder}/shown.png"}
    size = {"width": 120, "height": 80, "media_type": "image/tiff", "seconds": 1.5}
    attempt.succeed(made | size)
    page = client.get(f"/jobs/{painted['id']}").text
    result = f"/api/v1/jobs/{painted['id']}/result"
    assert f'src="{result}?shown=1"' in page
    assert f'href="{result}?download=1"' in page
    assert "format=png" in page and "format=tiff" not in page
    kept, shown = (client.get(result + query) for query in ("?download=1", "?shown=1"))
    assert (kept.data, kept.mimetype) == (b"painting.tif", "image/tiff")
    assert kept.headers["Content-Disposition"].endswith(".tif")
    assert (shown.data, shown.mimetype) == (b"shown.png", "image/png")


def test_the_page_tells_the_options_that_were_changed(
    client: FlaskClient, fields: Callable[..., dict[str, Any]]
) -> None:
    changed = fields(layers="stem=1", metadata="off", mask=fields()["content"])
    page = client.get(f"/jobs/{client.post('/api/v1/art', data=changed).json['id']}").text
    assert "<dd>stem=1</dd>" in page
    assert "<dd>no</dd>" in page
    assert "The mask that says where the style goes" in page
    assert "<dt>Beta</dt>" not in page
