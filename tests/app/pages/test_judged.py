"""The photographs behind the figures of a model: for whoever taught it, and nobody else."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from models.training.examples import Example
from models.training.verdicts import Verdict
from tests.app.api.conftest import own_model, owner, stranger
from tests.app.pages.learning import teach
from workers import judged
from workers.artifacts import FolderStore
from workers.jobs import Job
from workers.ledger import Ledger
from workers.settings import WorkerSettings

__all__ = ["own_model", "owner", "stranger"]
Make = Callable[..., Any]
FIRST, LAST = "class 00", "class 02"


@pytest.fixture
def files(workers: WorkerSettings) -> FolderStore:
    assert workers.artifacts
    return FolderStore(workers.artifacts)


@pytest.fixture
def training(
    ledger: Ledger, owner: str, own_model: Callable[..., Path], files: FolderStore, jpeg: Make,
    tmp_path: Path,
) -> Job:  # fmt: skip
    """Of a model that took one of three photographs for another class, and said so surely."""
    job = Job(owner, {"name": "mine", "mode": "head", "dataset": ""}, {}, kind="training")
    job = ledger.create(job, 9)
    teach(own_model("mine", owner), job.id)
    photograph = tmp_path / "photograph.jpg"
    photograph.write_bytes(jpeg(300, 200))
    for_each = [(FIRST, ((LAST, 0.9), (FIRST, 0.06))), (FIRST, ((FIRST, 0.8), (LAST, 0.2))),
                (LAST, ((LAST, 1.0),))]  # fmt: skip
    found = [Verdict(Example("0", truth, "test", "0", photograph), answers)
             for truth, answers in for_each]  # fmt: skip
    assert judged.keep(files, job.id, found) == 3
    return job


def pictures(page: str) -> list[str]:
    return re.findall(r'<img src="(/api/v1/jobs/[0-9a-f]+/evaluation/\d+)"', page)


def test_every_figure_of_the_matrix_leads_to_its_photographs(
    client: FlaskClient, training: Job
) -> None:
    page = client.get("/models/mine").text
    links = re.findall(r'href="(/models/mine/photographs\?[^"]+)"', page)
    assert len(links) > 6 and "Each figure leads to its photographs." in page
    assert 'aria-label="1 photograph: is class 00, is named class 02"' in page
    for link in dict.fromkeys(links):
        assert client.get(link.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize(
    ("query", "heading", "count", "measured"),
    [
        ({}, "What it was measured with", 3, 7),
        ({"truth": FIRST}, "Photographs of class 00", 2, 3),
        ({"named": LAST}, "What was named class 02", 2, 3),
        ({"truth": FIRST, "named": LAST}, "class 00, named class 02", 1, 1),
        ({"truth": FIRST, "named": FIRST}, "class 00, named rightly", 1, 2),
    ],
)
def test_of_a_cell_a_row_a_column_or_all(
    client: FlaskClient, training: Job, query: dict[str, str], heading: str, count: int,
    measured: int,
) -> None:  # fmt: skip
    page = client.get("/models/mine/photographs", query_string=query).text
    assert f"<h1>{heading}</h1>" in page
    assert len(pictures(page)) == count
    assert f"{measured} photograph" in page
    assert ("of them are kept" in page) is (count < measured)


def test_what_it_is_what_it_was_named_and_how_sure(client: FlaskClient, training: Job) -> None:
    query = {"truth": FIRST, "named": LAST}
    page = client.get("/models/mine/photographs", query_string=query).text
    assert 'alt="A photograph of class 00"' in page and "mistaken" in page
    assert re.search(r"class 02 <span class=\"share\">90\s?%", page)
    assert re.search(r"class 00 <span class=\"share\">6\s?%", page)
    answer = client.get(pictures(page)[0])
    assert answer.mimetype == "image/webp" and answer.data[:4] == b"RIFF"
    assert answer.headers["Cache-Control"] == "private, no-store"
    spanish = client.get(
        "/models/mine/photographs", query_string=query, headers={"Accept-Language": "es"}
    )
    assert "class 00, nombradas class 02" in spanish.text


def test_nobody_else_sees_them(client: FlaskClient, stranger: FlaskClient, training: Job) -> None:
    address = pictures(client.get("/models/mine/photographs").text)[0]
    page = stranger.get("/models/mine/photographs")
    assert page.status_code == 200 and pictures(page.text) == []
    assert "are not here" in page.text
    assert "/photographs?" not in stranger.get("/models/mine").text
    assert stranger.get(address).status_code == 404


def test_they_are_not_in_the_model_that_is_given_away(client: FlaskClient, training: Job) -> None:
    archive = ZipFile(BytesIO(client.get("/api/v1/models/mine/download").data))
    assert not [name for name in archive.namelist() if name.endswith((".webp", ".jpg"))]


def test_with_the_record_of_the_training_they_go(
    client: FlaskClient, training: Job, files: FolderStore
) -> None:
    assert files.below(f"jobs/{training.id}")
    assert client.delete(f"/api/v1/jobs/{training.id}").status_code == 204
    assert files.below(f"jobs/{training.id}") == []
    assert "are not here" in client.get("/models/mine/photographs").text
    assert "are not here" in client.get("/models/mine").text


def test_a_model_without_any_says_so(client: FlaskClient) -> None:
    page = client.get("/models/wildlife/photographs?truth=<b>")
    assert page.status_code == 200 and "are not here" in page.text
    assert "<b>" not in page.text.split("</head>")[1]
    assert client.get("/models/gone/photographs").status_code == 404


def test_a_cell_of_which_none_were_kept_and_one_that_is_empty(
    client: FlaskClient, training: Job
) -> None:
    def said(**query: str) -> str:
        return client.get("/models/mine/photographs", query_string=query).text

    assert "None of these were kept." in said(truth="class 01")
    assert "There are none of these." in said(truth=LAST, named=FIRST)
    assert "There are none of these." in said(truth="no class")


def test_many_come_page_by_page(
    client: FlaskClient, training: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pages.judged.PAGE", 2)
    first = client.get("/models/mine/photographs").text
    assert len(pictures(first)) == 2 and "Page 1 of 2" in first and "page=2" in first
    second = client.get("/models/mine/photographs?page=2").text
    assert len(pictures(second)) == 1 and "page=1" in second
    assert client.get("/models/mine/photographs?page=x").status_code == 200
