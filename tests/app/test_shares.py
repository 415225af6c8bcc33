"""What whoever has a link sees, what not, and that it ends."""

import json
import re
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app import create_app
from app.settings import OWNER_MODES, WebSettings
from tests.app.pages.conftest import Send, send  # noqa: F401  (a fixture)
from workers.artifacts import FolderStore
from workers.audit import Why
from workers.jobs import Failure, Job, Progress
from workers.keys import SCOPES, Keys
from workers.ledger import Ledger
from workers.removal import remove_job
from workers.settings import WorkerSettings
from workers.store import Store

Make = Callable[..., Any]
GUESS = {
    "name": "domestic cat", "scientific_name": "Felis catus", "rank": "species", "links": {},
    "probability": 0.97, "names": {"en": "domestic cat", "es": "gato doméstico"}, "lineage": {},
}  # fmt: skip
ANSWER = {
    "model": "wildlife", "rejected": False, "reason": "", "alive": 0.99, "seconds": 0.2,
    "answers": [GUESS], "rollup": GUESS, "path": [GUESS], "prediction_set": None, "boxes": [],
}  # fmt: skip
SIZES = {"content": (96, 64), "style-0": (48, 48), "image-0": (90, 60), "painting": (80, 60)}
"""Each picture by its size."""


class House:
    """The jobs of one owner, finished in whatever way."""

    def __init__(self, ledger: Ledger, store: FolderStore, picture: Make, owner: str) -> None:
        self.ledger, self.store, self.picture, self.owner = ledger, store, picture, owner

    def write(self, key: str, name: str, kind: str) -> str:
        self.store.write(key, lambda file: self.picture(*SIZES[name]).save(file, kind))
        return key

    def make(self, kind: str = "art", end: str = "succeeded") -> Job:
        names = ("image-0",) if kind == "species" else ("content", "style-0")
        options = {
            "painter": "light",
            "size": 64,
            "model": "wildlife",
            "boxes": False,
            "seed": 4711,
        }
        job = Job(self.owner, options, {}, kind=kind)
        inputs = {name: self.write(f"{job.folder}/{name}.jpg", name, "JPEG") for name in names}
        self.ledger.create(Job(self.owner, options, inputs, kind=kind, id=job.id), 100)
        if end == "queued":
            return job
        attempt = self.ledger.take(job.id, f"host/1/2/{job.id}")
        assert attempt
        width, height = SIZES["painting"]
        key = self.write(f"{attempt.folder}/painting.png", "painting", "PNG")
        about = {"key": key, "width": width, "height": height}
        if kind == "art" and end != "failed":
            attempt.progress(Progress(1, 2, 0.5, "Painting"), about | {"version": 1})
        if end == "failed":
            attempt.fail(Failure("internal", "It went wrong."))
        elif end == "cancelled":
            self.ledger.cancel(job.id)
        elif kind == "species":
            seen = {"name": "image-0", "width": 90, "height": 60, "heatmap": key}
            attempt.succeed(ANSWER | {"photographs": [seen]})
        elif end == "succeeded":
            attempt.succeed(about | {"media_type": "image/png", "seconds": 1.5})
        return self.ledger.get(job.id)


@pytest.fixture
def owner(client: FlaskClient) -> str:
    client.get("/api/v1/jobs")
    with client.session_transaction() as session:
        return str(session["owner"])


@pytest.fixture
def house(ledger: Ledger, workers: WorkerSettings, picture: Make, owner: str) -> House:
    assert workers.artifacts
    return House(ledger, FolderStore(workers.artifacts), picture, owner)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """Somebody who has a link and nothing else."""
    return app.test_client()


@pytest.fixture
def shared(client: FlaskClient) -> Callable[..., str]:
    """Makes a link to the job; its path."""

    def share(job: Job, photographs: bool = False) -> str:
        answer = client.post(f"/api/v1/jobs/{job.id}/share", json={"photographs": photographs})
        assert answer.status_code == 201, answer.text
        assert answer.json == {"url": answer.headers["Location"], "photographs": photographs}
        assert answer.json["url"].startswith("http://localhost/shared/")
        return str(answer.json["url"]).removeprefix("http://localhost")

    return share


def addresses(page: str) -> list[str]:
    """All that a page leads to, or loads, beside what every page has."""
    found = re.findall(r'(?:href|src|action|srcset)="([^"]+)"', page)
    return [each for each in found if not each.startswith(("/static/", "#"))]


def size_of(answer: Any) -> tuple[int, int]:
    """Of the picture that was answered."""
    return Image.open(BytesIO(answer.data)).size


@pytest.mark.parametrize("end", ["succeeded", "cancelled"])
def test_the_link_shows_the_picture_and_nothing_else(
    house: House, visitor: FlaskClient, shared: Make, end: str
) -> None:
    job = house.make(end=end)
    link = shared(job)
    page = visitor.get(link)
    assert page.status_code == 200
    formats = ("webp", "tiff", "avif", "jpeg" if end == "succeeded" else "png")
    wanted = {f"{link}/picture{each}" for each in ("", "?download=1")}
    wanted |= {f"{link}/picture?format={each}" for each in formats}
    assert set(addresses(page.text)) == wanted
    for secret in (job.id, job.id[:8], job.owner, "4711", "seed", "csrf", "photograph"):
        assert secret not in page.text, secret
    for query in ("", "?download=1", "?format=webp"):
        answer = visitor.get(f"{link}/picture{query}")
        assert size_of(answer) == SIZES["painting"]
        told = answer.headers.get("Content-Disposition", "")
        assert ("attachment; filename=merian-painting." in told) == bool(query)
        assert job.id[:8] not in str(answer.headers)
    for name in (*SIZES, "mask-0", "preview", ".."):
        assert visitor.get(f"{link}/photographs/{name}").status_code == 404, name
    for address in (f"/jobs/{job.id}", f"/api/v1/jobs/{job.id}", f"/api/v1/jobs/{job.id}/result"):
        assert visitor.get(address).status_code == 404


def test_the_photograph_is_seen_only_where_its_owner_said_so(
    house: House, visitor: FlaskClient, shared: Make
) -> None:
    link = shared(house.make(), photographs=True)
    page = visitor.get(link).text
    assert addresses(page)[:2] == [f"{link}/picture", f"{link}/photographs/content"]
    assert size_of(visitor.get(f"{link}/photographs/content")) == SIZES["content"]
    assert visitor.get(f"{link}/names.csv").status_code == 404  # there are none
    assert visitor.get(f"{link}/picture?format=gif").status_code == 404
    assert visitor.get(f"{link}/photographs/style-0").status_code == 404


def test_what_was_named(house: House, visitor: FlaskClient, shared: Make) -> None:
    job = house.make("species")
    link = shared(job, photographs=True)
    page = visitor.get(link, headers={"Accept-Language": "es"}).text
    assert "<h1>Gato doméstico</h1>" in page
    assert addresses(page) == [f"{link}/photographs/image-0", f"{link}/names.csv"]
    table = visitor.get(f"{link}/names.csv")
    assert "domestic cat,Felis catus,species,0.97" in table.text
    assert size_of(visitor.get(f"{link}/photographs/image-0")) == SIZES["image-0"]
    assert visitor.get(f"{link}/picture").status_code == 404  # there is no painting
    link = shared(job)
    page = visitor.get(link).text
    assert "<h1>Domestic cat</h1>" in page and "97" in page
    assert addresses(page) == [f"{link}/names.csv"]
    assert visitor.get(f"{link}/photographs/image-0").status_code == 404


def test_what_ended_answers_like_what_never_was(
    house: House, client: FlaskClient, visitor: FlaskClient, shared: Make, workers: WorkerSettings
) -> None:
    never = visitor.get("/shared/" + "A" * 43)
    assert (never.status_code, "Set-Cookie" in never.headers) == (404, False)

    def ends(job: Job, end: Callable[[Job], Any]) -> None:
        link = shared(job, photographs=True)
        assert visitor.get(link).status_code == 200
        end(job)
        answer = visitor.get(link)
        assert (answer.status_code, answer.text) == (404, never.text)
        for below in ("/picture", "/photographs/content", "/nowhere", "/picture/nowhere"):
            assert visitor.get(link + below).status_code == 404

    revoked = house.make()
    ends(revoked, lambda job: client.delete(f"/api/v1/jobs/{job.id}/share"))
    ends(revoked, shared)  # another takes its place
    ends(house.make(), lambda job: client.delete(f"/api/v1/jobs/{job.id}"))
    ends(
        house.make(),
        lambda job: remove_job(house.ledger, house.store, workers.data, job, Why.EXPIRED),
    )


def test_nobody_is_told_from_where_one_came(
    house: House, visitor: FlaskClient, client: FlaskClient, shared: Make
) -> None:
    link = shared(house.make(), photographs=True)
    for who in (visitor, client):  # an owner's cookie changes nothing
        for address in (
            link, f"{link}/picture", f"{link}/photographs/content", f"{link}/no", "/shared/x",
        ):  # fmt: skip
            headers = who.get(address).headers
            assert "Set-Cookie" not in headers, address
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["Cache-Control"] == "private, no-store"
            assert "noindex" in headers["X-Robots-Tag"]
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert '<meta name="robots" content="noindex' in visitor.get(link).text


@pytest.mark.parametrize("mode", OWNER_MODES)
def test_it_needs_no_key_in_any_mode(
    house: House, keys: Keys, workers: WorkerSettings, mode: str
) -> None:
    job = house.make()
    if mode == "shared":
        house.owner = "local"
        job = house.make()
    _, text = keys.new("ann", ("share",), owner=house.owner)
    app = create_app(WebSettings(secret_key="x", owner_mode=mode), workers)
    made = app.test_client().post(
        f"/api/v1/jobs/{job.id}/share", json={}, headers={"Authorization": f"Bearer {text}"}
    )
    link = made.json["url"].removeprefix("http://localhost")
    visitor = app.test_client()
    assert visitor.get(link).status_code == 200
    assert visitor.get(f"{link}/picture").status_code == 200
    assert visitor.get(link, headers={"Authorization": "Bearer wrong"}).status_code == 200
    assert visitor.get("/shared/nothing").status_code == 404


@pytest.fixture
def keys(redis: Store) -> Keys:
    return Keys.at(redis)


def test_a_key_needs_the_scope(house: House, keys: Keys, visitor: FlaskClient) -> None:
    job = house.make()
    _, text = keys.new("all but this", set(SCOPES) - {"share"}, owner=house.owner)
    how: dict[str, Any] = {"headers": {"Authorization": f"Bearer {text}"}}
    address = f"/api/v1/jobs/{job.id}/share"
    assert visitor.post(address, json={}, **how).json["code"] == "missing_scope"
    assert visitor.delete(address, **how).json["code"] == "missing_scope"


@pytest.mark.parametrize(
    ("kind", "end"),
    [("art", "queued"), ("art", "running"), ("art", "failed"), ("species", "failed")],
)
def test_only_what_stays_can_be_shared(
    house: House, client: FlaskClient, kind: str, end: str
) -> None:
    job = house.make(kind, end)
    answer = client.post(f"/api/v1/jobs/{job.id}/share", json={})
    assert (answer.status_code, answer.json["code"]) == (409, "not_shareable")
    assert "Make a link" not in client.get(f"/jobs/{job.id}").text


def test_looking_has_a_limit(house: House, workers: WorkerSettings, shared: Make) -> None:
    link = shared(house.make())
    app = create_app(WebSettings(secret_key="x", rate_reads=3), workers)
    visitor = app.test_client()
    codes = [visitor.get(link).status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    refused = visitor.get(link)
    assert refused.headers["Retry-After"] and "Set-Cookie" not in refused.headers


def test_by_form(
    house: House, client: FlaskClient, visitor: FlaskClient, send: Send  # noqa: F811
) -> None:  # fmt: skip
    job = house.make()
    page = f"/jobs/{job.id}"
    assert client.get(f"/api/v1/jobs/{job.id}").json["shared"] is False
    answer = send(f"{page}/share", page=page, photographs="on")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    link = re.search(r'value="http://localhost(/shared/[^"]+)" readonly', answer.text)
    assert link
    assert "photographs/content" in visitor.get(link[1]).text
    later = client.get(page).text
    assert link[1] not in later and "with the photograph" in later
    assert client.get(f"/api/v1/jobs/{job.id}").json["shared"] is True
    assert client.get(f"{page}/share").headers["Location"] == page
    assert send(f"{page}/share/end", page=page).headers["Location"] == f"{page}#sharing"
    assert visitor.get(link[1]).status_code == 404
    assert client.get(f"/api/v1/jobs/{job.id}").json["shared"] is False


def test_the_store_and_the_log_hold_no_link(
    server: Any, house: House, keys: Keys, redis: Store
) -> None:
    job = house.make()
    _, text = keys.new("ann", ("share",), owner=house.owner)
    with httpx.Client(base_url=server.address, timeout=30) as http:
        url = http.post(
            f"/api/v1/jobs/{job.id}/share", json={"photographs": True},
            headers={"Authorization": f"Bearer {text}"},
        ).json()["url"]  # fmt: skip
        for below in ("", "/picture", "/photographs/content", "/none", "/a/b/c"):
            http.get(url + below)
    token = url.rpartition("/")[2]
    time.sleep(0.2)
    log = server.log.read_text()
    paths = [json.loads(line).get("path", "") for line in log.splitlines() if line[:1] == "{"]
    assert paths.count("/shared/…/picture") == 1
    assert token not in log
    for key in redis.scan_iter():
        held = redis.hgetall(key) if redis.type(key) == "hash" else ""
        assert token not in key and token not in str(held)
