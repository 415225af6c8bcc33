"""POST /api/v1/species, and what becomes of it: a thread stands in for the queue's worker."""

import threading
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.species.options import MAX_PHOTOGRAPHS
from models.species.registry import PACKAGED
from workers.artifacts import FolderStore
from workers.attempts import Attempt
from workers.jobs import Failure, Job
from workers.ledger import Ledger

Make = Callable[..., Any]
CAT = {
    "name": "domestic cat", "scientific_name": "Felis catus", "rank": "species",
    "probability": 0.97, "names": {"en": "domestic cat", "es": "gato doméstico"},
    "lineage": {"kingdom": "Animalia", "species": "Felis catus"},
    "links": {"gbif": "https://www.gbif.org/species/search?q=Felis%20catus"},
}  # fmt: skip


def answer_for(attempt: Attempt) -> dict[str, Any]:
    """What a worker says."""
    return {
        "model": "wildlife", "rejected": False, "reason": "", "alive": 0.99, "answers": [CAT],
        "rollup": CAT, "path": [CAT], "prediction_set": None, "seconds": 0.2,
        "boxes": [{"image": "image-0", "left": 1.5, "top": 2, "width": 30, "height": 20,
                   "answers": [CAT], "rollup": CAT}],
        "photographs": [{"name": "image-0", "width": 96, "height": 64,
                         "heatmap": f"{attempt.folder}/heatmap-image-0.png"}],
    }  # fmt: skip


@pytest.fixture
def photograph(jpeg: Make) -> Callable[[], tuple[BytesIO, str]]:
    return lambda: (BytesIO(jpeg(96, 64)), "photo.jpg")


@pytest.fixture
def worker(ledger: Ledger, app: Flask) -> Iterator[Callable[..., None]]:
    """Ends the next job after some seconds, from another thread, as a worker would."""
    threads = []

    def work(after: float, failure: Failure | None = None) -> None:
        def run() -> None:
            while not ledger.newest(1):
                time.sleep(0.01)
            time.sleep(after)
            attempt = ledger.take(ledger.newest(1)[0].id, "a")
            assert attempt
            app.extensions["merian"].store.write(f"{attempt.folder}/heatmap-image-0.png", b"png")
            if failure:
                attempt.fail(failure)
            else:
                attempt.succeed(answer_for(attempt))

        threads.append(threading.Thread(target=run))
        threads[-1].start()

    yield work
    for thread in threads:
        thread.join()


def test_a_job_is_made(client: FlaskClient, photograph: Make, ledger: Ledger) -> None:
    form = {"image": [photograph(), photograph()], "top_k": "3", "boxes": "true"}
    answer = client.post("/api/v1/species", data=form)
    assert answer.status_code == 202
    assert answer.headers["Location"] == answer.json["links"]["self"]
    assert answer.headers["Retry-After"] == "1"
    assert "Preference-Applied" not in answer.headers
    job = ledger.get(answer.json["id"])
    assert (job.kind, job.queue) == ("species", "quick")
    assert job.options == {"model": "wildlife", "top_k": 3, "boxes": True}
    assert list(job.inputs) == ["image-0", "image-1"]
    assert client.get(answer.json["links"]["inputs"]["image-1"]).mimetype == "image/jpeg"
    assert answer.json["forecast"] is answer.json["result"] is None


def test_who_prefers_to_wait_gets_the_answer(
    client: FlaskClient, photograph: Make, worker: Make
) -> None:
    worker(after=0.3)
    started = time.monotonic()
    answer = client.post(
        "/api/v1/species", data={"image": photograph()}, headers={"Prefer": "wait=10"}
    )
    assert time.monotonic() - started < 8
    assert answer.status_code == 200
    assert answer.headers["Preference-Applied"] == "wait=10"
    job = answer.json
    assert job["state"] == "succeeded"
    assert job["result"]["answers"] == [CAT]
    assert job["result"]["boxes"][0]["left"] == 1.5
    assert client.get(job["links"]["result"]).json == job["result"]
    heat = client.get(job["result"]["photographs"][0]["heatmap"])
    assert (heat.mimetype, heat.data) == ("image/png", b"png")
    assert job["links"]["preview"] is None


def test_who_waits_in_vain_gets_the_job(client: FlaskClient, photograph: Make) -> None:
    started = time.monotonic()
    answer = client.post(
        "/api/v1/species",
        data={"image": photograph()},
        headers={"Prefer": 'respond-async, wait="1"'},
    )
    assert 1.0 <= time.monotonic() - started < 5
    assert answer.status_code == 202
    assert answer.json["state"] == "queued"
    assert client.get(f"{answer.json['links']['self']}/result").json["code"] == "not_ready"


def test_a_failure_is_an_answer_too(client: FlaskClient, photograph: Make, worker: Make) -> None:
    worker(0.0, Failure("truncated", "The picture is damaged."))
    answer = client.post(
        "/api/v1/species", data={"image": photograph()}, headers={"Prefer": "wait=10"}
    )
    assert answer.status_code == 200
    assert answer.json["error"] == {"code": "truncated", "message": "The picture is damaged."}
    assert client.get(answer.json["links"]["self"] + "/result").json["code"] == "no_result"


def test_a_sample_is_as_good_as_an_upload(client: FlaskClient, ledger: Ledger) -> None:
    answer = client.post(
        "/api/v1/species", data={"image_sample": "chelsea"}, content_type="multipart/form-data"
    )
    assert answer.status_code == 202
    assert list(ledger.get(answer.json["id"]).inputs) == ["image-0"]


@pytest.mark.parametrize(
    ("fields", "status", "code", "field"),
    [
        ({}, 422, "missing_picture", "image"),
        ({"image": "text"}, 422, "missing_picture", "image"),
        ({"image_sample": "nobody"}, 422, "unknown_sample", "image_sample"),
        ({"image_sample": "peacock"}, 422, "unknown_sample", "image_sample"),  # a painting
        ({"image_sample": "chelsea", "top_k": "0"}, 422, "invalid_option", "top_k"),
        ({"image_sample": "chelsea", "top_k": "some"}, 422, "invalid_option", "top_k"),
        ({"image_sample": "chelsea", "boxes": "perhaps"}, 422, "invalid_option", "boxes"),
        ({"image_sample": "chelsea", "size": "512"}, 422, "invalid_option", "size"),
        ({"image_sample": "chelsea", "model": "gone"}, 404, "unknown_model", "model"),
        ({"image_sample": "chelsea", "model": "../wildlife"}, 422, "invalid_option", "model"),
    ],
)
def test_what_cannot_be_asked(
    client: FlaskClient, nothing_kept: Callable[[], None],
    fields: dict[str, str], status: int, code: str, field: str,
) -> None:  # fmt: skip
    answer = client.post("/api/v1/species", data=fields, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
    assert answer.json["field"] == field
    nothing_kept()


def test_an_unknown_model_lists_those_there_are(client: FlaskClient, photograph: Make) -> None:
    answer = client.post("/api/v1/species", data={"image": photograph(), "model": "gone"})
    assert "wildlife" in answer.json["detail"]


def test_too_many_photographs(
    client: FlaskClient, photograph: Make, nothing_kept: Callable[[], None]
) -> None:
    for count in (MAX_PHOTOGRAPHS + 1, 50):
        many = [photograph() for _ in range(count)]
        answer = client.post("/api/v1/species", data={"image": many})
        assert answer.status_code in (413, 422), answer.text
    nothing_kept()


def test_a_file_in_another_field(client: FlaskClient, photograph: Make) -> None:
    answer = client.post("/api/v1/species", data={"picture": photograph()})
    assert (answer.status_code, answer.json["field"]) == (422, "picture")


def test_a_file_that_is_no_picture(client: FlaskClient, nothing_kept: Callable[[], None]) -> None:
    answer = client.post("/api/v1/species", data={"image": (BytesIO(b"hello"), "a.jpg")})
    assert (answer.status_code, answer.json["code"]) == (415, "not_a_picture")
    nothing_kept()


def test_the_same_key_makes_one_job(client: FlaskClient, photograph: Make) -> None:
    def send(key: str, **more: str) -> Any:
        form = {"image": photograph(), **more}
        return client.post("/api/v1/species", data=form, headers={"Idempotency-Key": key})

    first = send("k").json["id"]
    assert send("k").json["id"] == first
    assert send("l").json["id"] != first
    assert send("k", top_k="2").json["code"] == "idempotency_conflict"


def test_another_owner_sees_nothing(
    client: FlaskClient, app: Flask, photograph: Make, worker: Make
) -> None:
    worker(0.0)
    job = client.post(
        "/api/v1/species", data={"image": photograph()}, headers={"Prefer": "wait=10"}
    ).json
    stranger = app.test_client()
    links = [job["links"][name] for name in ("self", "result")]
    for address in [*links, job["result"]["photographs"][0]["heatmap"]]:
        assert client.get(address).status_code == 200
        assert stranger.get(address).status_code == 404


def test_there_is_no_heatmap_of_a_job_that_waits(client: FlaskClient, photograph: Make) -> None:
    job = client.post("/api/v1/species", data={"image": photograph()}).json
    assert client.get(f"{job['links']['self']}/heatmaps/image-0").status_code == 404


def test_removing_takes_everything(
    client: FlaskClient, photograph: Make, worker: Make, store: FolderStore
) -> None:
    worker(0.0)
    job = client.post(
        "/api/v1/species", data={"image": photograph()}, headers={"Prefer": "wait=10"}
    ).json
    kept = store.root / "jobs" / job["id"]
    assert len([path for path in kept.rglob("*") if path.is_file()]) == 2
    assert client.delete(job["links"]["self"]).status_code == 204
    assert not kept.exists()


def test_models_and_their_cards(client: FlaskClient) -> None:
    listed = {each["name"]: each for each in client.get("/api/v1/models").json["models"]}
    assert listed["light"]["kind"] == "painter"
    assert listed["wildlife"]["kind"] == "species" and listed["wildlife"]["default"]
    assert listed["wildlife"]["classes"] == 1000 and listed["wildlife"]["card"] is None
    card = client.get("/api/v1/models/wildlife").json["card"]
    assert len(card["classes"]) == 1000
    assert card["taxa"][0]["species"] == "Tinca tinca"
    assert client.get("/api/v1/models/light").json["kind"] == "painter"
    missing = client.get("/api/v1/models/gone")
    assert (missing.status_code, missing.json["code"]) == (404, "unknown_model")
    assert "wildlife" in missing.json["detail"]


def test_a_model_folder_is_served_at_once_and_a_damaged_one_refused(
    client: FlaskClient, app: Flask, ledger: Ledger
) -> None:
    folder = app.extensions["merian"].workers.models / "mine"
    folder.mkdir(parents=True)
    text = (PACKAGED / "wildlife" / "card.json").read_text()
    (folder / "card.json").write_text(text.replace('"name": "wildlife"', '"name": "mine"', 1))
    models = client.get("/api/v1/models").json
    assert "mine" in [each["name"] for each in models["models"]] and models["refused"] == []
    (folder / "card.json").write_text(
        text.replace('"name": "wildlife"', '"name": "mine"', 1).replace('"9656', '"0000', 1)
        .replace("9656183eaeafe8cb", "0000183eaeafe8cb")
    )  # fmt: skip
    models = client.get("/api/v1/models").json
    assert "mine" not in [each["name"] for each in models["models"]]
    assert models["refused"][0].startswith("mine: ")
    refused = client.get("/api/v1/models/mine")
    assert (refused.status_code, refused.json["code"]) == (409, "model_damaged")
    form = {"image_sample": "chelsea", "model": "mine"}
    asked = client.post("/api/v1/species", data=form, content_type="multipart/form-data")
    assert (asked.status_code, asked.json["code"]) == (409, "model_damaged")
    assert ledger.newest(1) == []


def test_a_full_queue(client: FlaskClient, app: Flask, photograph: Make, ledger: Ledger) -> None:
    limit = app.extensions["merian"].workers.queue_limit
    for _ in range(limit):
        ledger.create(Job(owner="x", kind="species", queue="quick", options={}, inputs={}), limit)
    answer = client.post("/api/v1/species", data={"image": photograph()})
    assert (answer.status_code, answer.json["code"]) == (429, "queue_full")
