"""What a painting will take is told before it begins; chance and comparison help to decide."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.paintings import STRENGTHS
from tests.app.pages.conftest import Send, complaint
from workers.ledger import Ledger
from workers.store import Store
from workers.submit import Submitter

SAMPLES = {"content_sample": "coffee", "style_sample": "marbled-paper"}


def told(client: FlaskClient, asked: str = "en", **entries: Any) -> str:
    headers = {"Accept-Language": asked}
    return client.get("/art/forecast", query_string=entries, headers=headers).text


def test_the_size_follows_the_photograph(client: FlaskClient) -> None:
    assert "512 × 384 px" in told(client)
    assert "1024 × 576 px" in told(client, size=1024, width=160, height=90)
    assert "Unos 256 × 192 px" in told(client, asked="es", size=256)
    assert re.search(r"512 × 384 px, \d\.\d GB of memory\.", client.get("/art").text)
    assert told(client, size="x") == told(client, size=1) == ""
    assert "512 × 384" in told(client, width="-1", height="x", csrf_token="y")


def test_the_time_is_that_of_others_like_it(client: FlaskClient, redis: Store) -> None:
    redis.hset("merian:typical", "merian 512 standard art", "12")
    assert told(client).endswith("12 seconds.")
    assert told(client, size=1024).endswith("48 seconds.")
    assert told(client, quality="fine").endswith("24 seconds.")
    assert told(client, size=4096).endswith("memory.")  # too far from what is known
    assert told(client, painter="classic").endswith("memory.")
    redis.hset("merian:typical", "merian 1024 standard art", "90")
    assert told(client, size=1024).endswith("2 minutes.")


def test_too_much_memory_is_said_before(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pages.foretelling.allowed", lambda megabytes: 1_000_000_000)
    assert "Choose a smaller size." in told(client, size=4096)


def test_a_surprise_keeps_what_is_chosen(client: FlaskClient) -> None:
    seen = set()
    for _ in range(12):
        page = client.get("/art?surprise=1&content_sample=coffee").text
        style = re.search(r'name="style_sample" value="([^"]+)"[^>]* checked', page)
        assert style and re.search(r'name="content_sample" value="coffee"[^>]* checked', page)
        seen.add(style[1])
    assert len(seen) > 1


def test_strengths_are_compared_in_small_drafts(
    send: Send, client: FlaskClient, ledger: Ledger, app: Flask
) -> None:
    answer = send("/art/strengths", **SAMPLES, size="2048", seed="5", keep_style="1")
    assert answer.status_code == 303
    ids = re.findall(r"job=([0-9a-f]{32})", answer.location)
    jobs = [ledger.get(id) for id in ids]
    assert tuple(job.options["strength"] for job in jobs) == STRENGTHS
    assert {(job.options["size"], job.options["quality"]) for job in jobs} == {(256, "draft")}
    assert {job.options["seed"] for job in jobs} == {5}
    page = client.get(answer.location).text
    assert page.count("Paint this one") == 4 and 'http-equiv="refresh"' in page
    large = f"/art?like={ids[2]}&amp;quality=standard&amp;size=512"
    assert large in page.replace("size=512&amp;quality=standard", "quality=standard&amp;size=512")
    assert app.test_client().get(answer.location).status_code == 404
    assert client.get("/art/strengths").location == "/art"


def test_a_queue_that_fills_up_keeps_no_draft(
    send: Send, ledger: Ledger, app: Flask, nothing_kept: Callable[[], None]
) -> None:
    ours = app.extensions["merian"]
    app.extensions["merian"] = replace(ours, submitter=Submitter(ours.ledger, 2))
    answer = send("/art/strengths", **SAMPLES)
    assert answer.status_code == 429
    assert "Too many pictures are waiting." in answer.text
    nothing_kept()


def test_what_is_wrong_stands_beside_its_field(send: Send) -> None:
    answer = send("/art/strengths", **SAMPLES | {"size": "1"})
    assert complaint(answer, "size") == "Size must be at least 64."
