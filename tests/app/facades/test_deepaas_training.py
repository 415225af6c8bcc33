"""What clients of DEEPaaS's trainings send and read."""

import uuid
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.app.conftest import Make
from workers.jobs import Failure, State
from workers.ledger import Ledger
from workers.settings import WorkerSettings

TRAIN = "/v2/models/shells/train/"
WRITTEN = "%Y-%m-%d %H:%M:%S.%f"


@pytest.fixture
def folder(workers: WorkerSettings, jpeg: Make) -> Path:
    """A data set of the machine's."""
    place = workers.datasets / "shells"
    for label in ("Conus", "Bolinus"):
        for number in range(3):
            path = place / label / f"{number}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(jpeg(64 + number, 64))
    return place


def started(client: FlaskClient, **arguments: Any) -> dict[str, Any]:
    answer = client.post(TRAIN, query_string={"dataset": "shells", **arguments})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json
    return said


def test_a_training_starts_and_is_seen_to_run(
    client: FlaskClient, folder: Path, ledger: Ledger
) -> None:
    said = started(client, epochs=2, mode="head")
    assert set(said) == {"date", "args", "uuid", "status"}
    assert uuid.UUID(said["uuid"]).hex == said["uuid"]
    assert datetime.strptime(said["date"], WRITTEN)
    assert said["status"] == "running"
    assert (said["args"]["epochs"], said["args"]["mode"], said["args"]["name"]) == (
        2, "head", "shells",
    )  # fmt: skip
    job = ledger.get(said["uuid"])
    assert (job.kind, job.options["replace"]) == ("training", True)
    assert client.get(TRAIN + said["uuid"]).json == said
    assert client.get(TRAIN + str(uuid.UUID(said["uuid"]))).json == said
    assert client.get(TRAIN).json == [said]
    assert client.get("/v2/models/others/train/").json == []


def test_arguments_may_be_a_form_with_an_archive(client: FlaskClient, jpeg: Make) -> None:
    archive = BytesIO()
    with ZipFile(archive, "w") as file:
        for label in ("a", "b"):
            for number in range(2):
                file.writestr(f"{label}/{number}.jpg", jpeg(64 + number, 64))
    form = {"archive": (BytesIO(archive.getvalue()), "shells.zip"), "mode": "head"}
    answer = client.post(TRAIN, data=form)
    assert (answer.status_code, answer.json["args"]["mode"]) == (200, "head")


def test_what_became_of_it(client: FlaskClient, folder: Path, ledger: Ledger) -> None:
    said = started(client)
    attempt = ledger.take(said["uuid"], "a")
    assert attempt is not None
    attempt.succeed({"model": "shells", "metrics": {"top1": 0.9}, "curves": [], "seconds": 2.0})
    done = client.get(TRAIN + said["uuid"]).json
    assert done["status"] == "done"
    result = done["result"]
    assert set(result) == {"finish_date", "duration", "metrics"}
    took = datetime.strptime(result["finish_date"], WRITTEN) - datetime.strptime(
        done["date"], WRITTEN
    )
    assert took.total_seconds() == pytest.approx(duration(result["duration"]), abs=1e-3)
    assert result["metrics"] == {"top1": 0.9}


def duration(text: str) -> float:
    hours, minutes, seconds = text.split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def test_one_that_failed_says_why(client: FlaskClient, folder: Path, ledger: Ledger) -> None:
    said = started(client)
    attempt = ledger.take(said["uuid"], "a")
    assert attempt is not None
    attempt.fail(Failure("unusable_dataset", "There is only one class."))
    failed = client.get(TRAIN + said["uuid"]).json
    assert (failed["status"], failed["message"]) == ("error", "There is only one class.")


def test_cancelling(client: FlaskClient, folder: Path, ledger: Ledger) -> None:
    said = started(client)
    cancelled = client.delete(TRAIN + said["uuid"])
    assert (cancelled.status_code, cancelled.json["status"]) == (200, "cancelled")
    assert ledger.get(said["uuid"]).state is State.CANCELLED
    assert client.delete(TRAIN + said["uuid"]).json["status"] == "cancelled"


@pytest.mark.parametrize(
    "address", [f"{TRAIN}{'0' * 32}", f"{TRAIN}nonsense", f"{TRAIN}{'0' * 31}"]
)
def test_an_unknown_training(client: FlaskClient, address: str) -> None:
    for answer in (client.get(address), client.delete(address)):
        assert answer.status_code == 404
        assert answer.json["status"] == "error" and answer.json["message"]


def test_anothers_training_is_unknown(app: Flask, client: FlaskClient, folder: Path) -> None:
    said = started(client)
    stranger = app.test_client()
    assert stranger.get(TRAIN + said["uuid"]).status_code == 404
    assert stranger.delete(TRAIN + said["uuid"]).status_code == 404
    assert stranger.get(TRAIN).json == []


@pytest.mark.parametrize(
    ("address", "arguments", "status"),
    [
        (TRAIN, {}, 422),
        (TRAIN, {"dataset": "nowhere"}, 404),
        (TRAIN, {"dataset": "shells", "epochs": "many"}, 422),
        ("/v2/models/wildlife/train/", {"dataset": "shells"}, 409),
    ],
)
def test_what_cannot_be(
    client: FlaskClient, folder: Path, nothing_kept: Make, address: str,
    arguments: dict[str, str], status: int,
) -> None:  # fmt: skip
    answer = client.post(address, query_string=arguments)
    assert answer.status_code == status, answer.text
    assert answer.json["status"] == "error" and answer.json["message"]
