"""Whoever it is not meant for gets nothing: each address that there is, tried in each wrong way.

The addresses are read from the application, so that a new one is tried without being named here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.cors import is_api
from app.keys import PUBLIC, scope_of
from app.settings import WebSettings
from tests.app.pages.learning import REPORT
from workers import corrections, glimpses, judged
from workers.artifacts import FolderStore
from workers.corrections import Correction
from workers.jobs import Job, Progress
from workers.keys import SCOPES, Keys
from workers.ledger import Ledger
from workers.settings import WorkerSettings
from workers.store import Store

SAFE = ("GET", "HEAD", "OPTIONS")
LABEL = {"label": "lamp"}


def rules_of(app: Flask) -> list[tuple[str, str, str]]:
    """Method, address and endpoint of all that is not open to everyone."""
    with app.app_context():
        return sorted(
            (method, rule.rule, rule.endpoint)
            for rule in app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
            if scope_of(rule.endpoint) != PUBLIC
        )


ALL = rules_of(create_app(WebSettings(secret_key="x")))
# A kept style is looked for among its reader's own: tests/app/pages/test_lent.py.
OF_JOBS = [
    each for each in ALL if re.search("<(id|uuid)>", each[1]) and not each[2].startswith("styles.")
]
CHANGING = [each for each in ALL if each[0] not in SAFE]


@dataclass(frozen=True)
class House:
    """The jobs of one owner, with all that jobs can have, and a model that it trained."""

    owner: FlaskClient
    name: str
    jobs: dict[str, str]
    ledger: Ledger
    store: FolderStore
    model: Any

    def address(self, rule: str, guessed: str = "") -> str:
        kind = "species" if re.search("heatmaps|correction", rule) else "art"
        if found := re.search("evaluation|photographs", rule):
            kind = "training" if found[0] == "evaluation" else "dataset"
        values = {
            "id": guessed or self.jobs[kind],
            "uuid": guessed or self.jobs["training"],
            "name": "mine" if "models" in rule else "image-0" if "heatmap" in rule else "content",
            "project": "all",
            "number": "1",
        }
        return re.sub("<([a-z]+)>", lambda found: values[found[1]], rule)

    def state(self) -> Any:
        """All that an intruder could have changed."""
        files = {path: path.stat().st_mtime_ns for path in self.store.root.rglob("*")}
        return [self.ledger.newest(100), files, sorted(self.model.iterdir())]


@pytest.fixture
def house(
    app: Flask, client: FlaskClient, ledger: Ledger, workers: WorkerSettings, jpeg: Any,
    own_model: Callable[..., Any],
) -> House:  # fmt: skip
    client.get("/api/v1/jobs")
    with client.session_transaction() as session:
        owner = str(session["owner"])
    assert workers.artifacts
    store = FolderStore(workers.artifacts)
    own_model("mine", owner)

    def done(kind: str, options: dict[str, Any], name: str, result: dict[str, Any]) -> str:
        job = Job(owner, options, {}, kind=kind)
        key = f"{job.folder}/{name}.jpg"
        store.write(key, jpeg())
        made = ledger.create(Job(owner, options, {name: key}, kind=kind, id=job.id), 100)
        attempt = ledger.take(made.id, f"worker {made.id}")
        assert attempt
        if kind == "art":
            attempt.progress(Progress(1, 2), {"key": key, "width": 96, "height": 64, "version": 1})
        attempt.succeed(
            {each: key if value == "KEY" else value for each, value in result.items()}
            | ({"photographs": [photograph(key)]} if kind == "species" else {})
        )
        return made.id

    picture = {"key": "KEY", "width": 96, "height": 64, "media_type": "image/jpeg", "seconds": 1.0}
    answer = {"model": "mine", "rejected": True, "reason": "unknown", "alive": 0.9,
              "answers": [], "rollup": None, "path": [], "prediction_set": None, "boxes": [],
              "seconds": 0.1}  # fmt: skip
    jobs = {
        "art": done("art", {"painter": "light", "size": 64}, "content", picture),
        "species": done("species", {"model": "mine", "boxes": False}, "image-0", answer),
        "dataset": done(
            "dataset", {"title": "Shells"}, "archive", {"report": REPORT, "seconds": 1.0}
        ),
    }
    training = Job(owner, {"name": "mine", "mode": "head", "dataset": ""}, {}, kind="training",
                   queue="training")  # fmt: skip
    jobs["training"] = ledger.create(training, 100).id
    for list_of, picture_of, id in (
        (judged.list_of, judged.picture_of, jobs["training"]),
        (glimpses.list_of, glimpses.picture_of, jobs["dataset"]),
    ):
        store.write(list_of(id), b"[]")
        store.write(picture_of(id, 1), jpeg())
    said = Correction(
        job=jobs["species"], model="mine", owner=owner, label="lamp", taxon="", was="", keep=True,
        at=1.0,
    )  # fmt: skip
    corrections.note(store, said, ledger.get(jobs["species"]).inputs)
    return House(client, owner, jobs, ledger, store, workers.models / "mine")


def photograph(key: str) -> dict[str, Any]:
    return {"name": "image-0", "width": 96, "height": 64, "heatmap": key}


@pytest.fixture
def keys(redis: Store) -> Keys:
    return Keys.at(redis)


def call(client: FlaskClient, method: str, address: str, **how: Any) -> TestResponse:
    """As programs call APIs; a form has the token of its own browser."""
    body: dict[str, Any] = {}
    if method == "PUT":
        body = {"json": LABEL}
    elif method == "POST" and is_api(address) and address.endswith("/share"):
        body = {"json": {"photographs": True}}
    elif method == "POST" and not is_api(address) and "headers" not in how:
        page = client.get("/art").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        body = {"data": {"csrf_token": token[1], "label": "lamp"}}
    return client.open(address, method=method, **body, **how)


def bearer(text: str) -> dict[str, dict[str, str]]:
    return {"headers": {"Authorization": f"Bearer {text}"}}


def code(answer: TestResponse) -> str:
    """The code of the failure, wherever this writer of failures puts it."""
    if answer.mimetype == "application/problem+json":
        return str(answer.json["code"])
    found = re.search(r'Code \d+, (\w+)|"(?:message|Error_description)": ?"([^"]+)"', answer.text)
    return (found[1] or found[2]) if found else ""


def test_there_are_addresses_to_try() -> None:
    assert len(ALL) > 55 and len(OF_JOBS) > 15 and len(CHANGING) > 20


def test_the_owner_sees_it(house: House) -> None:
    """What follows would prove nothing if these were wrong."""
    for method, rule, _ in OF_JOBS:
        if method == "GET":
            answer = call(house.owner, method, house.address(rule))
            assert answer.status_code in (200, 302), (rule, answer.text)


def test_another_owner_and_who_guesses_learn_the_same(app: Flask, house: House, keys: Keys) -> None:
    """Whether a job exists is as little told as what is in it."""
    before = house.state()
    stranger = app.test_client()
    stranger.get("/api/v1/jobs")  # becomes an owner
    _, text = keys.new("another", SCOPES)
    for method, rule, endpoint in OF_JOBS:
        if endpoint == "corrections.start_again":
            continue  # leads to the job's page, whoever asks
        ways = [(app.test_client(), {}), (stranger, {})]
        if method != "POST" or is_api(rule):  # no page takes a form without its token: test below
            ways.append((app.test_client(), bearer(text)))
        for client, how in ways:
            theirs = call(client, method, house.address(rule), **how)
            guessed = call(client, method, house.address(rule, "0" * 32), **how)
            assert theirs.status_code == guessed.status_code == 404, (rule, theirs.text)
            assert code(theirs) == code(guessed)
    assert house.state() == before


@pytest.mark.parametrize("text", ["expired", "removed", "forged", "merian_", "nonsense", ""])
def test_a_key_that_is_none_any_more_opens_nothing(
    house: House, keys: Keys, redis: Store, text: str
) -> None:
    """Not even for the owner's own browser, whose cookie comes along."""
    before = house.state()
    key, good = keys.new("good", SCOPES, days=1, owner=house.name)
    if text == "expired":
        redis.hset(f"merian:key:{key.id}", "expires", f"{key.created:.6f}")
        text = good
    elif text == "removed":
        keys.remove(key.id)
        text = good
    elif text == "forged":
        text = good[:-1] + ("0" if good[-1] != "0" else "1")
    for method, rule, _ in ALL:
        redis.delete("merian:limit:keys:address:127.0.0.1")  # so many wrong ones are refused by 429
        answer = call(house.owner, method, house.address(rule), **bearer(text))
        assert answer.status_code == 401, (method, rule)
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert house.state() == before


def test_a_key_opens_nothing_beyond_its_scopes(app: Flask, house: House, keys: Keys) -> None:
    before = house.state()
    for method, rule, endpoint in ALL:
        with app.app_context():
            needed = scope_of(endpoint)
        _, text = keys.new("all but this", set(SCOPES) - {needed}, owner=house.name)
        answer = call(app.test_client(), method, house.address(rule), **bearer(text))
        assert answer.status_code == 403, (method, rule)
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
    assert house.state() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_another_site_cannot_make_the_owners_browser_change_anything(
    house: House, headers: dict[str, str]
) -> None:
    before = house.state()
    for method, rule, _ in CHANGING:
        answer = call(house.owner, method, house.address(rule), headers=headers)
        assert answer.status_code == 403, (method, rule, answer.text)
    assert house.state() == before


def test_no_form_works_without_its_token(house: House) -> None:
    """From a browser so old that it says nothing of where a form was."""
    before = house.state()
    for method, rule, _ in CHANGING:
        if not is_api(rule):
            answer = house.owner.open(house.address(rule), method=method, data=LABEL)
            assert (answer.status_code, code(answer)) == (400, "form_expired"), rule
    assert house.state() == before


def test_a_link_opens_nothing_but_what_it_shows(app: Flask, house: House) -> None:
    """Its token stands for no job, and whoever has it is still a stranger everywhere else."""
    answer = house.owner.post(f"/api/v1/jobs/{house.jobs['art']}/share", json={"photographs": True})
    token = answer.json["url"].rpartition("/")[2]
    before = house.state()
    visitor = app.test_client()
    assert visitor.get(f"/shared/{token}").status_code == 200
    for method, rule, endpoint in OF_JOBS:
        if endpoint == "corrections.start_again":
            continue  # leads to the job's page, whoever asks
        if method == "GET" or is_api(rule):
            for id in (token, house.jobs["art"], house.jobs["species"], house.jobs["training"]):
                answer = call(visitor, method, house.address(rule, id))
                assert answer.status_code in (404, 422), (method, rule, answer.text)
    for id in house.jobs.values():
        assert visitor.get(f"/shared/{id}").status_code == 404
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert visitor.open(f"/shared/{token}", method=method).status_code in (400, 405)
    assert house.state() == before


def test_what_is_not_a_job_is_not_given_away_either(
    app: Flask, house: House, workers: WorkerSettings
) -> None:
    stranger = app.test_client()
    assert stranger.get("/api/v1/jobs").json["jobs"] == []
    assert stranger.get("/api/v1/datasets").json["datasets"] == []
    assert stranger.get("/v2/models/mine/train/").json == []
    assert stranger.get("/api/v1/models/mine/corrections").status_code == 404
    assert house.owner.get("/api/v1/models/mine/corrections").status_code == 200
    assert stranger.delete("/api/v1/models/mine").json["code"] == "not_yours"
    form = {"name": "other", "dataset": house.jobs["dataset"]}
    assert stranger.post("/api/v1/training", data=form).json["code"] == "unknown_dataset"
    form = {"name": "mine", "replace": "true", "mode": "refit"}
    assert stranger.post("/api/v1/training", data=form).json["code"] == "not_yours"
    for page in ("/jobs", "/training", "/models/mine"):
        told = stranger.get(page).text
        assert not any(id in told for id in house.jobs.values()), page
    assert (workers.models / "mine" / "card.json").exists()


@pytest.fixture
def private(workers: WorkerSettings) -> Iterator[FlaskClient]:
    settings = WebSettings(secret_key="x", owner_mode="private")
    yield create_app(settings, workers).test_client()


def test_nobody_gets_into_a_private_one_without_a_key(private: FlaskClient, house: House) -> None:
    before = house.state()
    for method, rule, _ in [*ALL, ("GET", "/nowhere", ""), ("POST", "/nowhere", "")]:
        answer = private.open(house.address(rule), method=method)
        if method == "GET" and not is_api(rule):
            assert answer.status_code == 303, rule
            assert answer.headers["Location"].startswith("/sign-in?next=")
        else:
            assert answer.status_code == 401, rule
            assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert house.state() == before
