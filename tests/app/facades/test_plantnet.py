"""What clients of Pl@ntNet's API send and read, field by field."""

import logging
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.facades import looking
from tests.app.facades.conftest import SOME_THING, StandIn
from workers.jobs import Failure

Make = Callable[..., Any]
IDENTIFY = "/v2/identify/all"
UNSURE = {"Felis catus": 0.4, "Canis familiaris": 0.25, "Nautilus": 0.25, "": 0.1}


def test_an_answer_is_exactly_this(
    client: FlaskClient, photographs: Make, stand_in: StandIn, nothing_kept: Make
) -> None:
    form = {"images": photographs(2), "organs": ["flower", "leaf"]}
    answer = client.post(f"{IDENTIFY}?api-key=123456", data=form)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    assert "Set-Cookie" not in answer.headers
    said = answer.json
    results = said.pop("results")
    assert said.pop("query") == {
        "project": "all",
        "images": ["image-0", "image-1"],
        "organs": ["flower", "leaf"],
        "includeRelatedImages": False,
        "noReject": False,
        "type": "kt",
    }
    remaining = said.pop("remainingIdentificationRequests")
    assert isinstance(remaining, int) and 500 < remaining < 2**31
    assert said == {
        "predictedOrgans": [],
        "language": "en",
        "preferedReferential": "wildlife",
        "bestMatch": "Felis catus",
        "version": "1",
    }
    assert results[0] == {
        "score": 0.9278,
        "species": {
            "scientificNameWithoutAuthor": "Felis catus",
            "scientificNameAuthorship": "",
            "scientificName": "Felis catus",
            "genus": {
                "scientificNameWithoutAuthor": "Felis",
                "scientificNameAuthorship": "",
                "scientificName": "Felis",
            },
            "family": {
                "scientificNameWithoutAuthor": "Felidae",
                "scientificNameAuthorship": "",
                "scientificName": "Felidae",
            },
            "commonNames": ["domestic cat"],
        },
        "images": [],
        "gbif": {"id": None},
        "powo": {"id": None},
    }
    scores = [result["score"] for result in results]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 3 and min(scores) > 0
    (job,) = stand_in.jobs
    assert sorted(job.inputs) == ["image-0", "image-1"]
    nothing_kept()


def test_a_group_stands_where_a_species_would(
    client: FlaskClient, photographs: Make, stand_in: StandIn
) -> None:
    stand_in.says = {"Corvidae": 0.9, "": 0.1}
    (result,) = client.post(IDENTIFY, data={"images": photographs(1)}).json["results"]
    assert result["species"]["scientificName"] == "Corvidae"
    assert result["species"]["family"]["scientificName"] == "Corvidae"
    assert result["species"]["genus"]["scientificName"] == ""


@pytest.mark.parametrize("project", ["all", "wildlife"])
def test_projects_are_models(
    client: FlaskClient, photographs: Make, stand_in: StandIn, project: str
) -> None:
    answer = client.post(f"/v2/identify/{project}", data={"images": photographs(5)})
    assert answer.json["query"]["project"] == project
    assert answer.json["query"]["organs"] == ["auto"] * 5
    assert stand_in.jobs[0].options["model"] == "wildlife"


@pytest.mark.parametrize("organ", ["auto", "leaf", "flower", "fruit", "bark", "habit", "other"])
def test_organs(client: FlaskClient, photographs: Make, stand_in: StandIn, organ: str) -> None:
    form = {"images": photographs(1), "organs": organ}
    assert client.post(IDENTIFY, data=form).json["query"]["organs"] == [organ]


@pytest.mark.parametrize(("wanted", "given"), [("1", 1), ("2", 2), ("20", 3), ("1000", 3)])
def test_how_many_results(
    client: FlaskClient, photographs: Make, stand_in: StandIn, wanted: str, given: int
) -> None:
    answer = client.post(f"{IDENTIFY}?nb-results={wanted}", data={"images": photographs(1)})
    assert len(answer.json["results"]) == given


@pytest.mark.parametrize(
    ("asked", "language", "name"),
    [("es", "es", "gato doméstico"), ("en", "en", "domestic cat"), ("fr", "en", "domestic cat")],
)
def test_languages_of_common_names(
    client: FlaskClient, photographs: Make, stand_in: StandIn, asked: str, language: str, name: str
) -> None:
    answer = client.post(f"{IDENTIFY}?lang={asked}", data={"images": photographs(1)})
    assert answer.json["language"] == language
    assert answer.json["results"][0]["species"]["commonNames"] == [name]


def test_what_else_may_be_asked_is_said_back(
    client: FlaskClient, photographs: Make, stand_in: StandIn
) -> None:
    how = "include-related-images=true&no-reject=true&type=legacy&detailed=true"
    query = client.post(f"{IDENTIFY}?{how}", data={"images": photographs(1)}).json["query"]
    assert query["includeRelatedImages"] is query["noReject"] is True
    assert query["type"] == "legacy"


def assert_failed(answer: Any, status: int, error: str) -> None:
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert set(answer.json) == {"statusCode", "error", "message"}
    assert (answer.json["statusCode"], answer.json["error"]) == (status, error)
    assert isinstance(answer.json["message"], str) and answer.json["message"]


@pytest.mark.parametrize("says", [SOME_THING, UNSURE])
def test_a_rejection(
    client: FlaskClient, photographs: Make, stand_in: StandIn, nothing_kept: Make, says: Any
) -> None:
    stand_in.says = says
    answer = client.post(IDENTIFY, data={"images": photographs(1)})
    assert_failed(answer, 404, "Not Found")
    assert answer.json["message"] == "Species not found"
    nothing_kept()
    anyway = client.post(f"{IDENTIFY}?no-reject=true", data={"images": photographs(1)})
    assert anyway.status_code == 200
    assert anyway.json["bestMatch"] == "Felis catus"
    nothing_kept()


def test_certain_that_nothing_lives(
    client: FlaskClient, photographs: Make, stand_in: StandIn
) -> None:
    stand_in.says = {"": 1.0}
    answer = client.post(f"{IDENTIFY}?no-reject=true", data={"images": photographs(1)})
    assert (answer.json["results"], answer.json["bestMatch"]) == ([], "")


@pytest.mark.parametrize(
    ("how", "form"),
    [
        ("nb-results=0", {}),
        ("nb-results=-1", {}),
        ("nb-results=many", {}),
        ("no-reject=perhaps", {}),
        ("include-related-images=2", {}),
        ("type=other", {}),
        ("", {"organs": "root"}),
        ("", {"organs": ["leaf", "leaf"]}),
    ],
)
def test_what_may_not_be_asked(
    client: FlaskClient, photographs: Make, nothing_kept: Make, how: str, form: dict[str, Any]
) -> None:
    answer = client.post(f"{IDENTIFY}?{how}", data={"images": photographs(1)} | form)
    assert_failed(answer, 400, "Bad Request")
    assert (how.split("=")[0] or "organs") in answer.json["message"]
    nothing_kept()


@pytest.mark.parametrize(
    ("images", "status", "error"),
    [
        ([], 400, "Bad Request"),
        ([(BytesIO(), "empty.jpg")], 400, "Bad Request"),
        ([(BytesIO(b"no picture"), "words.jpg")], 415, "Unsupported Media Type"),
        ([(BytesIO(bytes(66_000_000)), "large.jpg")], 413, "Request Entity Too Large"),
    ],
)
def test_what_cannot_be_looked_at(
    client: FlaskClient, nothing_kept: Make, images: list[Any], status: int, error: str
) -> None:
    assert_failed(client.post(IDENTIFY, data={"images": images}), status, error)
    nothing_kept()


def test_six_images(client: FlaskClient, photographs: Make, nothing_kept: Make) -> None:
    answer = client.post(IDENTIFY, data={"images": photographs(6)})
    assert_failed(answer, 400, "Bad Request")
    assert "5" in answer.json["message"]
    nothing_kept()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v2/identify/k-world-flora", 404),
        ("POST", "/v2/identify", 404),
        ("GET", "/v2/projects/nothing/species", 404),
        ("GET", "/v2/nowhere", 404),
        ("GET", "/v2", 404),
        ("GET", IDENTIFY, 405),
        ("POST", "/v2/languages", 405),
    ],
)
def test_what_is_not_there(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert_failed(answer, status, {404: "Not Found", 405: "Method Not Allowed"}[status])
    assert answer.json["message"] != "Species not found"


def test_no_worker_in_time(
    client: FlaskClient, photographs: Make, nothing_kept: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "LONGEST", 0.2)
    answer = client.post(IDENTIFY, data={"images": photographs(1)})
    assert_failed(answer, 503, "Service Unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    nothing_kept()


def test_a_job_that_fails(
    client: FlaskClient, photographs: Make, stand_in: StandIn, nothing_kept: Make
) -> None:
    stand_in.says = Failure("internal", "Something went wrong.")
    answer = client.post(IDENTIFY, data={"images": photographs(1)})
    assert_failed(answer, 500, "Internal Server Error")
    nothing_kept()


def test_the_key_is_not_logged(
    client: FlaskClient, photographs: Make, stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.post(f"{IDENTIFY}?api-key=rosebud", data={"images": photographs(1)})
        client.post(f"{IDENTIFY}?api-key=rosebud")
    assert [record.path for record in caplog.records if record.name == "app.requests"] == [
        IDENTIFY, IDENTIFY,
    ]  # fmt: skip
    assert not any("rosebud" in str(vars(record)) for record in caplog.records)


# Lists.


def test_the_projects(client: FlaskClient) -> None:
    (project,) = client.get("/v2/projects").json
    assert project.keys() == {"id", "title", "description", "speciesCount"}
    assert (project["id"], project["title"]) == ("wildlife", "Wildlife")
    assert project["speciesCount"] == len(client.get("/v2/projects/all/species").json)
    (project,) = client.get("/v2/projects?lang=es").json
    assert project["title"] == "Fauna y flora"


def test_the_languages(client: FlaskClient) -> None:
    assert client.get("/v2/languages").json == ["en", "es"]


def test_the_species(client: FlaskClient) -> None:
    everything = client.get("/v2/species").json
    assert everything == client.get("/v2/projects/wildlife/species").json
    cat = next(each for each in everything if each["id"] == "Felis catus")
    assert cat == {
        "id": "Felis catus",
        "commonNames": ["domestic cat"],
        "scientificNameWithoutAuthor": "Felis catus",
        "scientificNameAuthorship": "",
        "genus": "Felis",
        "family": "Felidae",
        "gbifId": None,
        "powoId": None,
        "iucnCategory": None,
    }
    names = [each["id"] for each in everything]
    assert names == sorted(set(names))
    assert client.get("/v2/species?prefix=felis&lang=es").json == [
        cat | {"commonNames": ["gato doméstico"]}
    ]


def test_pages_of_species(client: FlaskClient) -> None:
    everything = client.get("/v2/species").json
    assert client.get("/v2/species?page=2&pageSize=10").json == everything[10:20]
    assert client.get("/v2/species?page=1000&pageSize=10").json == []
    # "Both parameters have to be set together or pagination won't be effective."
    assert client.get("/v2/species?pageSize=10").json == everything
    answer = client.get("/v2/species?page=1&pageSize=-10")
    assert_failed(answer, 400, "Bad Request")
    assert "pageSize" in answer.json["message"]


def test_the_status(client: FlaskClient, down: FlaskClient) -> None:
    assert client.get("/v2/_status").json == {"status": "ok"}
    answer = down.get("/v2/_status")
    assert_failed(answer, 503, "Service Unavailable")
    assert int(answer.headers["Retry-After"]) > 0
