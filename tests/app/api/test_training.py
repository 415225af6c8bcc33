"""POST /api/v1/training: what is checked before anything waits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.settings import WebSettings
from models.training.options import TrainOptions
from workers.artifacts import FolderStore
from workers.attempts import Attempt
from workers.jobs import Job, Progress
from workers.ledger import Ledger
from workers.settings import WorkerSettings

Make = Callable[..., Any]


@pytest.fixture
def dataset(ledger: Ledger, owner: str) -> str:
    """A data set of this browser's owner."""
    return made_dataset(ledger, owner)


def made_dataset(ledger: Ledger, owner: str) -> str:
    job = ledger.create(Job(owner=owner, kind="dataset", options={"title": ""}, inputs={}), 99)
    attempt = ledger.take(job.id, "a")
    assert isinstance(attempt, Attempt)
    attempt.succeed({"report": {"title": "x", "photographs": 9, "classes": 2}, "seconds": 1.0})
    return job.id


def send(client: FlaskClient, **values: Any) -> Any:
    return client.post("/api/v1/training", json=values)


@pytest.mark.parametrize("how", ["json", "form", "multipart"])
def test_a_job_is_made(client: FlaskClient, dataset: str, ledger: Ledger, how: str) -> None:
    values: dict[str, Any] = {"name": "flowers", "dataset": dataset, "epochs": 3, "mixup": 0.2}
    if how == "json":
        answer = client.post("/api/v1/training", json=values)
    else:
        kind = {"content_type": "multipart/form-data"} if how == "multipart" else {}
        answer = client.post("/api/v1/training", data=values, **kind)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == answer.json["links"]["self"]
    job = ledger.get(answer.json["id"])
    assert (job.kind, job.queue, dict(job.inputs)) == ("training", "training", {})
    wanted = TrainOptions(name="flowers", epochs=3, mixup=0.2).as_dict()
    assert job.options == wanted | {"dataset": dataset}


def test_an_archive_may_come_along(
    client: FlaskClient, archive: Make, zipped: Make, ledger: Ledger, store: FolderStore
) -> None:
    answer = client.post("/api/v1/training", data={"name": "flowers", "archive": archive()})
    assert answer.status_code == 202, answer.text
    job = ledger.get(answer.json["id"])
    assert job.options["dataset"] == ""
    assert store.read(job.inputs["archive"]) == zipped()


def test_a_folder_on_the_server_will_do(
    client: FlaskClient, workers: WorkerSettings, ledger: Ledger
) -> None:
    (workers.datasets / "garden").mkdir(parents=True)
    answer = send(client, name="flowers", dataset="garden")
    assert answer.status_code == 202
    assert ledger.get(answer.json["id"]).options["dataset"] == "garden"


@pytest.mark.parametrize(
    ("values", "status", "code", "field"),
    [
        ({"name": ""}, 422, "invalid_option", "name"),
        ({"name": "Flowers"}, 422, "invalid_option", "name"),
        ({"name": "../up"}, 422, "invalid_option", "name"),
        ({"backbone": "../x"}, 422, "invalid_option", "backbone"),
        ({"epochs": 201}, 422, "invalid_option", "epochs"),
        ({"epochs": "3"}, 422, "invalid_option", "epochs"),
        ({"epochs": True}, 422, "invalid_option", "epochs"),
        ({"epochs": 2.5}, 422, "invalid_option", "epochs"),
        ({"replace": "true"}, 422, "invalid_option", "replace"),
        ({"name": 7}, 422, "invalid_option", "name"),
        ({"name": None}, 422, "invalid_option", "name"),
        ({"colour": "red"}, 422, "invalid_option", "colour"),
        ({"archive": "text"}, 422, "invalid_option", "archive"),
        ({"name": "wildlife"}, 409, "model_exists", "name"),
        ({"name": "wildlife", "replace": True}, 409, "model_exists", "name"),
        ({"name": "classic"}, 409, "model_exists", "name"),
        ({"name": "light", "mode": "refit"}, 409, "model_exists", "name"),
        ({"mode": "refit"}, 404, "unknown_model", "model"),
        ({"dataset": ""}, 422, "missing_dataset", "dataset"),
        ({"dataset": "garden"}, 404, "unknown_dataset", "dataset"),
        ({"dataset": "0" * 32}, 404, "unknown_dataset", "dataset"),
        ({"dataset": "../models"}, 404, "unknown_dataset", "dataset"),
        ({"dataset": ".."}, 404, "unknown_dataset", "dataset"),
    ],
)
def test_what_cannot_be_asked(
    client: FlaskClient, dataset: str, ledger: Ledger,
    values: dict[str, Any], status: int, code: str, field: str,
) -> None:  # fmt: skip
    answer = send(client, **{"name": "flowers", "dataset": dataset} | values)
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    assert answer.json["field"] == field
    assert [job.kind for job in ledger.newest(9)] == ["dataset"]


def test_what_is_no_request(client: FlaskClient) -> None:
    assert client.post("/api/v1/training", json=["name"]).json["code"] == "bad_request"
    assert client.post("/api/v1/training", data=b"x").json["code"] == "unsupported_media_type"
    broken = client.post("/api/v1/training", data=b"{", content_type="application/json")
    assert broken.json["code"] == "bad_request"


def test_only_a_file_may_be_large(client: FlaskClient, dataset: str, ledger: Ledger) -> None:
    """What is read into memory has the limit of all requests."""
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        answer = client.post("/api/v1/training", data=bytes(66_000_000), content_type=kind)
        assert (answer.status_code, answer.json["code"]) == (413, "too_large")
    form = {"name": "x" * 200_000, "dataset": dataset}
    answer = client.post("/api/v1/training", data=form, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")
    assert [job.kind for job in ledger.newest(9)] == ["dataset"]


def test_a_data_set_and_an_archive_are_one_too_many(
    client: FlaskClient, dataset: str, archive: Make, store: FolderStore
) -> None:
    form = {"name": "flowers", "dataset": dataset, "archive": archive()}
    answer = client.post("/api/v1/training", data=form)
    assert (answer.status_code, answer.json["code"]) == (422, "missing_dataset")
    assert store.below("jobs") == []


def test_anothers_data_set_is_unknown(
    client: FlaskClient, stranger: FlaskClient, dataset: str
) -> None:
    assert send(stranger, name="flowers", dataset=dataset).json["code"] == "unknown_dataset"
    assert send(client, name="flowers", dataset=dataset).status_code == 202


def test_a_job_of_another_kind_is_no_data_set(
    client: FlaskClient, painted: dict[str, Any], dataset: str
) -> None:
    answer = send(client, name="flowers", dataset=painted["id"])
    assert answer.json["code"] == "unknown_dataset"


def test_a_data_set_that_is_not_ready(client: FlaskClient, ledger: Ledger, owner: str) -> None:
    job = ledger.create(Job(owner=owner, kind="dataset", options={"title": ""}, inputs={}), 99)
    answer = send(client, name="flowers", dataset=job.id)
    assert (answer.status_code, answer.json["code"]) == (409, "not_ready")
    ledger.cancel(job.id)
    assert send(client, name="flowers", dataset=job.id).json["code"] == "unknown_dataset"


def test_a_model_is_replaced_by_its_owner_alone(
    client: FlaskClient, stranger: FlaskClient, owner: str, dataset: str, own_model: Make,
    ledger: Ledger,
) -> None:  # fmt: skip
    own_model("mine", owner)
    assert send(client, name="mine", dataset=dataset).json["code"] == "model_exists"
    assert send(client, name="mine", dataset=dataset, replace=True).status_code == 202
    assert send(client, name="mine", mode="refit").status_code == 202
    stranger.get("/api/v1/datasets")
    with stranger.session_transaction() as session:
        theirs = made_dataset(ledger, session["owner"])
    for values in ({"dataset": theirs, "replace": True}, {"mode": "refit"}):
        refused = send(stranger, name="mine", **values)
        assert (refused.status_code, refused.json["code"]) == (403, "not_yours")


def test_the_administrators_model_is_nobodys(
    client: FlaskClient, dataset: str, own_model: Make
) -> None:
    own_model("theirs")
    refused = send(client, name="theirs", dataset=dataset, replace=True)
    assert refused.json["code"] == "not_yours"


def test_the_same_key_makes_one_job(client: FlaskClient, dataset: str) -> None:
    def post(key: str, **more: Any) -> Any:
        values = {"name": "flowers", "dataset": dataset, **more}
        headers = {"Idempotency-Key": key}
        return client.post("/api/v1/training", json=values, headers=headers).json

    first = post("k")["id"]
    assert post("k")["id"] == first
    assert post("l")["id"] != first
    assert post("k", epochs=2)["code"] == "idempotency_conflict"


def test_trainings_have_a_queue_of_their_own(
    client: FlaskClient, app: Flask, dataset: str, ledger: Ledger, fields: Make
) -> None:
    limit = app.extensions["merian"].workers.queue_limit
    for _ in range(limit):
        ledger.create(Job(owner="x", queue="training", options={}, inputs={}), limit)
    answer = send(client, name="flowers", dataset=dataset)
    assert (answer.status_code, answer.json["code"]) == (429, "queue_full")
    assert client.post("/api/v1/art", data=fields()).status_code == 202


def test_what_a_training_says(client: FlaskClient, dataset: str, ledger: Ledger) -> None:
    id = send(client, name="flowers", dataset=dataset).json["id"]
    attempt = ledger.take(id, "a")
    assert attempt
    curve = {"phase": "head", "epoch": 1, "train_loss": 2.0, "val_loss": 1.5, "val_top1": 0.5,
             "seconds": 3.0}  # fmt: skip
    attempt.progress(Progress(1, 2, 0.5, "Measuring"), {"version": 1, "curves": [curve]})
    job = client.get(f"/api/v1/jobs/{id}").json
    assert job["links"]["preview"] is None and job["result"] is None
    assert client.get(f"/api/v1/jobs/{id}/preview").json["code"] == "no_preview"
    assert client.get(f"/api/v1/jobs/{id}/result").json["code"] == "not_ready"
    result = {
        "model": "flowers", "metrics": {"top1": 0.9}, "curves": [curve], "seconds": 9.5,
        "report": {"classes": 2},
    }  # fmt: skip
    attempt.succeed(result)
    job = client.get(f"/api/v1/jobs/{id}").json
    assert job["result"] == result == client.get(job["links"]["result"]).json


def test_everyone_is_the_owner_where_all_share(
    workers: WorkerSettings, own_model: Callable[..., Path]
) -> None:
    own_model("mine", "somebody")
    app = create_app(WebSettings(secret_key="x", owner_mode="shared"), workers)
    assert send(app.test_client(), name="mine", mode="refit").status_code == 202
