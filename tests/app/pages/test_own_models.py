"""The page of a model that was taught here: its worth, how it came about, what one may do."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.app.api.conftest import own_model, owner, stranger
from tests.app.pages.conftest import Send
from tests.app.pages.learning import AGAIN, teach
from workers.ledger import Ledger
from workers.settings import WorkerSettings

__all__ = ["own_model", "owner", "stranger"]
Make = Callable[..., Any]


@pytest.fixture
def mine(own_model: Callable[..., Path], owner: str) -> Path:
    folder = own_model("mine", owner)
    teach(folder)
    return folder


def test_what_it_is_worth(client: FlaskClient, mine: Path) -> None:
    page = client.get("/models/mine").text
    assert page.count('<svg class="plot') == 3 and page.count('<table class="matrix"') == 1
    assert "95.6%" in page and "Recognised as known" in page
    assert "Right among five" not in page  # there are only three classes
    assert "Sets that hold the right one" not in page  # there is no figure for it
    assert re.search(r'<th scope="row">class 00</th>\s+<td>66\.[67]%<svg', page)
    assert 'role="region"' in page and "Only the" not in page
    assert "the last layer, then everything" in page and "2 minutes" in page
    assert "7 classes have fewer than 10 photographs." in page
    assert "style=" not in page.split("</head>")[1]


def test_of_many_classes_the_most_confused_are_shown(client: FlaskClient, mine: Path) -> None:
    teach(mine, classes=50)
    page = client.get("/models/mine").text
    assert "Only the 40 classes that are most often confused, of 50." in page


def test_one_that_learned_from_corrections(client: FlaskClient, mine: Path) -> None:
    teach(mine, **AGAIN)
    page = client.get("/models/mine").text
    assert "<dt>Corrected photographs</dt><dd>7</dd>" in page and "the last layer again" in page
    assert "Odd." not in page  # what is said of the corrections alone says nothing of the model


def test_only_the_owner_may_remove_it(
    client: FlaskClient, stranger: FlaskClient, mine: Path, send: Send
) -> None:
    address = "/models/mine/delete"
    assert address in client.get("/models/mine").text
    theirs = stranger.get("/models/mine").text
    assert address not in theirs and "/api/v1/models/mine/download" in theirs
    assert client.post(address).status_code == 400  # without the form's token
    assert send(address, page="/models/mine").location == "/models"
    assert not mine.exists() and client.get("/models/mine").status_code == 404


def test_a_packaged_model_is_only_asked(client: FlaskClient, send: Send) -> None:
    page = client.get("/models/wildlife").text
    assert "Download" not in page and "/delete" not in page and "confusion" not in page
    assert "86.5%" in page and "be it with a wider group" in page
    assert send("/models/wildlife/delete", page="/models").status_code == 409


def test_models_are_told_apart_by_one_figure(client: FlaskClient, mine: Path) -> None:
    page = client.get("/models").text
    assert "95.6% of 204" in page and "Macro top1" not in page


def test_it_is_taught_again_with_corrections(
    client: FlaskClient, send: Send, mine: Path, jpeg: Make, ledger: Ledger, workers: WorkerSettings
) -> None:
    assert "Teach it again" not in client.get("/models/mine").text
    form = {"image": (BytesIO(jpeg()), "a.jpg"), "model": "mine"}
    id = client.post("/api/v1/species", data=form).json["id"]  # type: ignore[index]
    attempt = ledger.take(id, "a")
    assert attempt
    attempt.succeed(
        {"model": "mine", "rejected": True, "reason": "not_alive", "answers": [], "rollup": None}
    )
    kept = {"label": "a queen", "keep": True}
    assert client.put(f"/api/v1/jobs/{id}/correction", json=kept).status_code == 200
    page = client.get("/models/mine").text
    assert "the photographs of 1 answer be kept" in page
    assert client.get("/api/v1/models/mine/corrections").status_code == 200
    answer = send("/training", page="/models/mine", mode="refit", name="mine")
    assert answer.status_code == 303, answer.text
    job = ledger.get(answer.location.rsplit("/", 1)[1])
    assert (job.kind, job.options["mode"], job.options["dataset"]) == ("training", "refit", "")
    page = client.get(answer.location).text
    assert "What it was taught before, and the corrections" in page
    assert "the last layer again" in page
