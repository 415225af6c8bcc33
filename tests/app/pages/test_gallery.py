"""My pictures: filtered, and several at once downloaded or deleted; never those of others."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.app.pages.conftest import Send
from workers.artifacts import FolderStore
from workers.ledger import Ledger

Fields = Callable[..., dict[str, Any]]
CAT = {"name": "cat", "scientific_name": "Felis catus", "rank": "species", "probability": 0.9,
       "names": {}, "lineage": {}, "links": {}}  # fmt: skip


@pytest.fixture
def finished(
    client: FlaskClient, fields: Fields, ledger: Ledger, store: FolderStore
) -> Callable[..., str]:
    """Makes a finished painting with these bytes; its id."""

    def make(data: bytes = b"a painting") -> str:
        id = str(client.post("/api/v1/art", data=fields()).json["id"])  # type: ignore[index]
        attempt = ledger.take(id, "a")
        assert attempt
        key = f"{attempt.folder}/painting.png"
        store.write(key, data)
        size = {"width": 96, "height": 64, "media_type": "image/png", "seconds": 1.0}
        attempt.succeed({"key": key} | size)
        return id

    return make


@pytest.fixture
def named(client: FlaskClient, ledger: Ledger, jpeg: Callable[..., bytes]) -> Callable[..., str]:
    """Makes a species job of two photographs with this answer; its id."""

    def make(rejected: bool = False) -> str:
        form = {"image": [(BytesIO(jpeg()), "a.jpg"), (BytesIO(jpeg(64, 96)), "b.jpg")]}
        id = str(client.post("/api/v1/species", data=form).json["id"])  # type: ignore[index]
        attempt = ledger.take(id, "a")
        assert attempt
        said = {"model": "wildlife", "rejected": rejected, "reason": "unsure" if rejected else "",
                "alive": 0.9, "rollup": CAT, "answers": [CAT], "path": [CAT], "boxes": [],
                "prediction_set": None, "photographs": [], "seconds": 0.1}  # fmt: skip
        attempt.succeed(said)
        return id

    return make


def ids_on(page: str) -> list[str]:
    return [each.split('"')[0] for each in page.split('name="id" value="')[1:]]


def test_filters(
    client: FlaskClient, painted: dict[str, Any], finished: Callable[..., str],
    named: Callable[..., str],
) -> None:  # fmt: skip
    waiting, painting, photographs = painted["id"], finished(), named()
    expected = {
        "": [photographs, painting, waiting],
        "?kind=art": [painting, waiting],
        "?kind=species&state=succeeded": [photographs],
        "?state=working": [waiting],
        "?state=failed": [],
        "?kind=nonsense&state=nonsense": [photographs, painting, waiting],
    }
    for query, ids in expected.items():
        assert ids_on(client.get(f"/jobs{query}").text) == ids, query
    page = client.get("/jobs?kind=art&state=succeeded").text
    assert 'href="/jobs?kind=art&amp;state=succeeded" aria-current="true">Finished' in page
    assert "There are none of these." in client.get("/jobs?state=failed").text


def test_the_pages_of_a_filter_go_on(
    client: FlaskClient, finished: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pages.jobs.PAGE", 2)
    ids = [finished() for _ in range(3)]
    page = client.get("/jobs?kind=art").text
    assert ids_on(page) == ids[:0:-1]
    older = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "kind=art" in older
    assert ids_on(client.get(older).text) == ids[:1]


def test_several_paintings_come_in_one_archive(send: Send, finished: Callable[..., str]) -> None:
    ids = [finished(b"first"), finished(b"second" * 100_000), finished(b"not chosen")]
    answer = send("/jobs/download", page="/jobs", id=ids[:2])
    assert answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == "attachment; filename=merian.zip"
    archive = ZipFile(BytesIO(answer.data))
    names = [f"merian-{id[:8]}.png" for id in ids[:2]]
    assert archive.namelist() == names
    assert archive.read(names[1]) == b"second" * 100_000


def test_named_photographs_come_with_a_table(send: Send, named: Callable[..., str]) -> None:
    sure, unsure = named(), named(rejected=True)
    archive = ZipFile(BytesIO(send("/jobs/download", page="/jobs", id=[sure, unsure]).data))
    photographs = [f"merian-{id[:8]}-{number}.jpg" for id in (sure, unsure) for number in (1, 2)]
    assert archive.namelist() == [*photographs, "names.csv"]
    rows = archive.read("names.csv").decode().splitlines()
    assert rows[0] == "photograph,name,scientific_name,rank,probability"
    assert rows[1] == f"{photographs[0]},cat,Felis catus,species,0.9"
    assert rows[3] == f"{photographs[2]},,,,"


def test_what_cannot_be_downloaded_is_said(
    send: Send, client: FlaskClient, painted: dict[str, Any]
) -> None:
    for form, sentence in (({}, "tick the pictures"), ({"id": painted["id"]}, "can be downloaded")):
        answer = send("/jobs/download", page="/jobs", kind="art", **form)
        assert answer.status_code == 303
        assert "kind=art" in answer.location
        assert sentence in client.get(answer.location).text
    assert send("/jobs/delete", page="/jobs").location == "/jobs?notice=none"


def test_several_are_deleted_and_nothing_stays(
    send: Send, client: FlaskClient, finished: Callable[..., str], tmp_path: Path
) -> None:
    ids = [finished() for _ in range(3)]
    answer = send("/jobs/delete", page="/jobs", id=[*ids[:2], ids[0]], state="succeeded")
    assert answer.location == "/jobs?state=succeeded"
    assert ids_on(client.get("/jobs").text) == ids[2:]
    assert {path.parent.name for path in tmp_path.rglob("content.jpg")} == {ids[2]}


@pytest.mark.parametrize("deed", ["download", "delete"])
def test_those_of_others_are_as_unknown_as_none(
    send: Send, app: Flask, fields: Fields, finished: Callable[..., str], ledger: Ledger, deed: str
) -> None:
    theirs = app.test_client().post("/api/v1/art", data=fields()).json["id"]  # type: ignore[index]
    for ids in ([theirs], ["nonsense"]):
        assert send(f"/jobs/{deed}", page="/art", id=ids).status_code == 404
    mine = finished()
    answer = send(f"/jobs/{deed}", page="/jobs", id=[theirs, mine])
    assert ledger.get(theirs)
    if deed == "download":
        assert ZipFile(BytesIO(answer.data)).namelist() == [f"merian-{mine[:8]}.png"]
    else:
        assert not ledger.knows(mine)


@pytest.mark.parametrize("deed", ["download", "delete"])
def test_a_form_without_its_token_does_nothing(
    client: FlaskClient, finished: Callable[..., str], ledger: Ledger, deed: str
) -> None:
    mine = finished()
    assert client.post(f"/jobs/{deed}", data={"id": mine}).status_code == 400
    assert ledger.knows(mine)
