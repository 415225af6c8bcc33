"""What an owner says about an answer, who may see it, and what becomes of the photographs."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.settings import WebSettings
from models.training.reading import read_data_set
from workers.artifacts import FolderStore
from workers.janitor import Janitor
from workers.ledger import Ledger
from workers.settings import WorkerSettings
from workers.workshop import Workshop

Make = Callable[..., Any]
KEPT = "corrections/mine"


def guess(name: str) -> dict[str, Any]:
    return {"name": name, "scientific_name": name, "rank": "species", "probability": 0.9,
            "names": {}, "lineage": {}, "links": {}}  # fmt: skip


@pytest.fixture
def answered(
    client: FlaskClient,
    own_model: Make,
    owner: str,
    ledger: Ledger,
    jpeg: Make,
    workers: WorkerSettings,
) -> Callable[..., str]:
    """Makes a species job with an answer; its id."""

    def make(says: str = "Danaus plexippus", reason: str = "", by: FlaskClient = client) -> str:
        if not (workers.models / "mine").exists():
            own_model("mine", owner)
        form = {"image": [(BytesIO(jpeg()), "a.jpg"), (BytesIO(jpeg(48, 48)), "b.jpg")],
                "model": "mine"}  # fmt: skip
        id: str = by.post("/api/v1/species", data=form).json["id"]
        attempt = ledger.take(id, "a")
        assert attempt
        attempt.succeed(
            {"model": "mine", "rejected": bool(reason), "reason": reason, "alive": 0.9,
             "answers": [guess(says)], "rollup": guess(says), "path": [guess(says)],
             "prediction_set": None, "boxes": [], "photographs": [], "seconds": 0.1}
        )  # fmt: skip
        return id

    return make


def say(client: FlaskClient, id: str, label: str, **more: Any) -> Any:
    return client.put(f"/api/v1/jobs/{id}/correction", json={"label": label, **more})


@pytest.mark.parametrize(
    ("label", "chosen", "taxon", "confirmed"),
    [
        ("Danaus plexippus", "Danaus plexippus", "Danaus plexippus", True),  # has two classes
        ("old monarch", "old monarch", "Danaus plexippus", True),
        ("Danaus gilippus", "a queen", "Danaus gilippus", False),
        ("lamp", "lamp", "", False),
    ],
)
def test_an_answer_is_confirmed_or_corrected(
    client: FlaskClient, answered: Make, label: str, chosen: str, taxon: str, confirmed: bool
) -> None:
    id = answered()
    answer = say(client, id, label, keep=True)
    assert answer.status_code == 200, answer.text
    said = answer.json
    assert client.get(f"/api/v1/jobs/{id}/correction").json == said
    assert said.pop("at").startswith("20")
    assert said == {
        "job": id, "model": "mine", "label": chosen, "taxon": taxon, "was": "Danaus plexippus",
        "confirmed": confirmed, "keep": True,
    }  # fmt: skip


def test_that_it_is_nothing_alive_can_be_confirmed(client: FlaskClient, answered: Make) -> None:
    said = say(client, answered(reason="not_alive"), "lamp").json
    assert (said["was"], said["confirmed"]) == ("", True)


def test_photographs_are_kept_only_where_the_owner_agrees(
    client: FlaskClient, answered: Make, store: FolderStore
) -> None:
    id = answered()
    assert say(client, id, "lamp").json["keep"] is False
    assert store.below(f"{KEPT}/{id}") == [f"{KEPT}/{id}/correction.json"]
    say(client, id, "a queen", keep=True)
    assert store.below(f"{KEPT}/{id}")[1:] == [
        f"{KEPT}/{id}/image-0.jpg",
        f"{KEPT}/{id}/image-1.jpg",
    ]
    assert store.read(f"{KEPT}/{id}/image-1.jpg") == store.read(f"jobs/{id}/image-1.jpg")
    assert client.delete(f"/api/v1/jobs/{id}/correction").status_code == 204
    assert store.below(KEPT) == []
    for method in (client.get, client.delete):
        answer = method(f"/api/v1/jobs/{id}/correction")
        assert (answer.status_code, answer.json["code"]) == (404, "no_correction")


def test_removing_the_job_withdraws_it(
    client: FlaskClient, answered: Make, store: FolderStore
) -> None:
    id = answered()
    say(client, id, "lamp", keep=True)
    assert client.delete(f"/api/v1/jobs/{id}").status_code == 204
    assert store.below(KEPT) == []


def test_a_job_that_is_removed_for_its_age_leaves_it(
    client: FlaskClient, answered: Make, store: FolderStore, ledger: Ledger, workers: WorkerSettings
) -> None:
    id = answered()
    say(client, id, "lamp", keep=True)
    janitor = Janitor(Workshop(workers, ledger, store))
    janitor._remove(id)
    assert not ledger.knows(id) and store.below("jobs") == []
    assert len(store.below(f"{KEPT}/{id}")) == 3
    assert client.get("/api/v1/models/mine/corrections").status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"label": "Felis catus"}, 404, "unknown_label"),
        ({"label": ""}, 422, "invalid_parameter"),
        ({"keep": True}, 422, "invalid_parameter"),
        ({"label": "lamp", "keep": "yes"}, 422, "invalid_parameter"),
        ({"label": "lamp", "model": "other"}, 422, "invalid_parameter"),
        (["lamp"], 422, "invalid_parameter"),
    ],
)
def test_what_cannot_be_said(
    client: FlaskClient, answered: Make, body: object, status: int, code: str
) -> None:
    answer = client.put(f"/api/v1/jobs/{answered()}/correction", json=body)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_only_an_answer_can_be_corrected(
    client: FlaskClient, painted: dict[str, Any], jpeg: Make, ledger: Ledger
) -> None:
    assert say(client, painted["id"], "lamp").json["code"] == "no_answer"
    form = {"image": (BytesIO(jpeg()), "a.jpg")}
    waits = client.post("/api/v1/species", data=form).json["id"]
    assert say(client, waits, "lamp").json["code"] == "not_ready"
    ledger.cancel(waits)
    assert say(client, waits, "lamp").json["code"] == "no_answer"
    assert client.get(f"/api/v1/jobs/{painted['id']}/correction").json["code"] == "no_correction"


def test_another_owner_can_do_nothing(
    client: FlaskClient, stranger: FlaskClient, answered: Make
) -> None:
    id = answered()
    say(client, id, "lamp", keep=True)
    assert say(stranger, id, "a queen").json["code"] == "job_not_found"
    for method in (stranger.get, stranger.delete):
        assert method(f"/api/v1/jobs/{id}/correction").status_code == 404
    assert stranger.get("/api/v1/models/mine/corrections").json["code"] == "no_correction"


def test_a_model_that_went_away(client: FlaskClient, answered: Make) -> None:
    id = answered()
    say(client, id, "lamp")
    client.delete("/api/v1/models/mine")
    assert say(client, id, "lamp").json["code"] == "unknown_model"
    assert client.get(f"/api/v1/jobs/{id}/correction").status_code == 200


def test_corrections_are_given_out_as_a_data_set(
    client: FlaskClient, stranger: FlaskClient, answered: Make, tmp_path: Path, store: FolderStore
) -> None:
    assert client.get("/api/v1/models/wildlife/corrections").json["code"] == "no_correction"
    assert client.get("/api/v1/models/gone/corrections").json["code"] == "unknown_model"
    first, second, third = answered(), answered(), answered()
    say(client, first, "a queen", keep=True)
    say(client, second, "lamp", keep=True)
    say(client, third, "lamp", keep=False)
    say(stranger, answered(by=stranger), "lamp", keep=True)
    answer = client.get("/api/v1/models/mine/corrections")
    assert answer.mimetype == "application/zip"
    with ZipFile(BytesIO(answer.data)) as archive:
        assert sorted(archive.namelist()) == sorted(
            ["split.csv", *(f"a_queen/{first}-image-{i}.jpg" for i in (0, 1)),
             *(f"lamp/{second}-image-{i}.jpg" for i in (0, 1))]
        )  # fmt: skip
        archive.extractall(tmp_path / "given")
    found = read_data_set(tmp_path / "given")
    assert found.labels == ("a queen", "lamp") and len(found.photographs) == 4


def test_where_all_share_all_corrections_are_given_out(
    client: FlaskClient, stranger: FlaskClient, answered: Make, workers: WorkerSettings
) -> None:  # fmt: skip
    say(client, answered(), "lamp", keep=True)
    say(stranger, answered(by=stranger), "lamp", keep=True)
    shared = create_app(WebSettings(secret_key="x", owner_mode="shared"), workers).test_client()
    with ZipFile(BytesIO(shared.get("/api/v1/models/mine/corrections").data)) as archive:
        assert len(archive.namelist()) == 5
