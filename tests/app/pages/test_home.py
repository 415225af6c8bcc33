"""The first page: two examples that were really made, both ways in, the newest pictures."""

import json
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app import create_app
from app.pages.home import LATEST, NAMED
from app.settings import WebSettings
from workers.jobs import Job
from workers.ledger import Ledger
from workers.settings import WorkerSettings


def test_both_ways_in_are_one_click_away(client: FlaskClient) -> None:
    page = client.get("/").text
    for way in ("/art", "/species"):
        assert f'class="primary" href="{way}"' in page
    for sample in ("/art?content_sample=chelsea", "/species?image_sample=chelsea"):
        assert f'href="{sample}' in page
    assert "Your latest pictures" not in page


def test_the_examples_are_there(client: FlaskClient) -> None:
    page = client.get("/").text
    said = json.loads(NAMED.read_text("utf-8"))
    assert said["rollup"]["scientific_name"] in page and "98%" in page
    for name in ("painted.jpg", "where.png"):
        assert f"/static/examples/{name}" in page
        with Image.open(NAMED.parent / name) as picture:
            assert abs(picture.width / picture.height - 512 / 341) < 0.01


def test_in_spanish(client: FlaskClient) -> None:
    page = client.get("/", headers={"Accept-Language": "es"}).text
    assert "gato doméstico" in page
    assert "a la manera de «Noche sobre el lago»" in page


def test_the_newest_pictures_of_the_reader(
    client: FlaskClient, app: Flask, painted: dict[str, Any], ledger: Ledger
) -> None:
    page = client.get("/").text
    assert "Your latest pictures" in page and f"/jobs/{painted['id']}" in page
    assert painted["id"] not in app.test_client().get("/").text
    owner = ledger.get(painted["id"]).owner
    for number in range(LATEST):
        pictures = {"content": f"jobs/{number}/content.jpg"}
        ledger.create(Job(owner=owner, options={}, inputs=pictures), limit=100)
    made = Job(owner=owner, kind="dataset", options={"title": "Mine"}, inputs={})
    ledger.create(made, limit=100)
    page = client.get("/").text
    assert page.count('class="card plate"') == LATEST
    assert painted["id"] not in page and made.id not in page


def test_the_page_is_there_without_the_store(tmp_path: Path) -> None:
    nowhere = WorkerSettings(redis_url=f"unix://{tmp_path}/none", data=tmp_path)
    client = create_app(WebSettings(secret_key="only for tests"), nowhere).test_client()
    assert client.get("/").status_code == 200
