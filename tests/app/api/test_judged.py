"""The photographs that a model was measured with, for programs."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from models.training.examples import Example
from models.training.verdicts import Verdict
from tests.app.api.conftest import owner
from workers import judged
from workers.artifacts import FolderStore
from workers.jobs import Job
from workers.ledger import Ledger
from workers.settings import WorkerSettings

__all__ = ["owner"]


@pytest.fixture
def address(ledger: Ledger, owner: str, workers: WorkerSettings, jpeg: Any, tmp_path: Path) -> str:
    job = Job(owner, {"name": "mine", "mode": "head", "dataset": ""}, {}, kind="training")
    ledger.create(job, 9)
    path = tmp_path / "rose.jpg"
    path.write_bytes(jpeg(300, 200))
    rose = Example("0", "rose", "test", "0", path)
    found = [Verdict(rose, (("tulip", 0.7), ("rose", 0.3))), Verdict(rose, (("rose", 0.9),))]
    assert workers.artifacts
    judged.keep(FolderStore(workers.artifacts), job.id, found)
    return f"/api/v1/jobs/{job.id}/evaluation"


def test_what_each_shows_and_what_it_was_named(client: FlaskClient, address: str) -> None:
    first, second = client.get(address).json["photographs"]
    assert first == {
        "number": 1, "truth": "rose", "right": False, "picture": f"{address}/1",
        "width": 200, "height": 133,
        "answers": [{"label": "tulip", "probability": 0.7}, {"label": "rose", "probability": 0.3}],
    }  # fmt: skip
    assert second["right"] is True
    picture = client.get(first["picture"])
    assert picture.mimetype == "image/webp" and picture.headers["ETag"]
    again = client.get(first["picture"], headers={"If-None-Match": picture.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "numbers"),
    [({"truth": "rose"}, [1, 2]), ({"named": "rose"}, [2]), ({"named": "fern"}, []),
     ({"truth": "rose", "named": "tulip"}, [1])],
)  # fmt: skip
def test_a_cell_a_row_or_a_column(
    client: FlaskClient, address: str, query: dict[str, str], numbers: list[int]
) -> None:
    found = client.get(address, query_string=query).json["photographs"]
    assert [each["number"] for each in found] == numbers


def test_what_is_no_training_has_none(
    client: FlaskClient, address: str, ledger: Ledger, owner: str
) -> None:
    assert client.get(f"{address}/3").json["code"] == "not_found"
    painting = ledger.create(Job(owner, {}, {}), 9)
    assert client.get(f"/api/v1/jobs/{painting.id}/evaluation").json["code"] == "not_found"
    waiting = ledger.create(Job(owner, {"name": "other"}, {}, kind="training"), 9)
    assert client.get(f"/api/v1/jobs/{waiting.id}/evaluation").json == {"photographs": []}
