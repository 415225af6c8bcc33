"""What clients of DEEPaaS and its image classifiers send and read."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.facades import looking
from tests.app.facades.conftest import SOME_THING, StandIn
from workers.jobs import Failure

Make = Callable[..., Any]
PREDICT = "/v2/models/wildlife/predict/"
META = ("id", "name", "description", "license", "author", "version", "url", "help")


def assert_is_metadata(model: dict[str, Any]) -> None:
    assert set(model) == {*META, "links"}
    assert all(isinstance(model[name], str) for name in META)
    (link,) = model["links"]
    address = f"/v2/models/{model['id']}/"
    assert link == {"rel": "self", "href": address, "type": "application/json"}


@pytest.mark.parametrize("path", ["/v2/models/", "/v2/models"])
def test_the_models(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert set(answer.json) == {"models"}
    assert [model["id"] for model in answer.json["models"]] == ["wildlife"]
    for model in answer.json["models"]:
        assert_is_metadata(model)
        assert client.get(model["links"][0]["href"]).json == model


@pytest.mark.parametrize("path", ["/v2/models/wildlife/", "/v2/models/wildlife"])
def test_a_model(client: FlaskClient, path: str) -> None:
    model = client.get(path).json
    assert_is_metadata(model)
    assert (model["name"], model["version"], model["license"]) == ("wildlife", "1", "Apache-2.0")
    assert client.get(model["url"]).json["name"] == "wildlife"
    assert client.get(model["help"]).status_code == 200


@pytest.mark.parametrize("path", [PREDICT, PREDICT.rstrip("/")])
def test_a_prediction_is_exactly_this(
    client: FlaskClient, photographs: Make, stand_in: StandIn, nothing_kept: Make, path: str
) -> None:
    answer = client.post(path, data={"data": photographs(1)})
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    assert "Set-Cookie" not in answer.headers
    said = answer.json
    predictions = said.pop("predictions")
    assert said.pop("status") == "OK"
    assert said == predictions
    assert set(predictions) == {"labels", "probabilities", "labels_info", "links"}
    assert set(predictions["links"]) == {"Google Images", "Wikipedia"}
    texts = [predictions["labels"], predictions["labels_info"], *predictions["links"].values()]
    assert all(len(each) == 5 and all(isinstance(text, str) for text in each) for each in texts)
    assert predictions["labels"][0] == "Felis catus"
    assert predictions["probabilities"] == [0.9, 0.04, 0.03, 0.0, 0.0]
    assert predictions["labels_info"][0] == "domestic cat"
    assert predictions["links"]["Wikipedia"][0] == "https://en.wikipedia.org/wiki/Felis_catus"
    assert predictions["links"]["Google Images"][0].endswith("?tbm=isch&q=Felis+catus")
    nothing_kept()


@pytest.mark.parametrize("field", ["data", "files", "image", "file"])
@pytest.mark.parametrize("count", [1, 3])
def test_files_may_have_any_name(
    client: FlaskClient, photographs: Make, stand_in: StandIn, field: str, count: int
) -> None:
    assert client.post(PREDICT, data={field: photographs(count)}).status_code == 200
    assert len(stand_in.jobs[0].inputs) == count


def test_what_does_not_live_has_low_probabilities(
    client: FlaskClient, photographs: Make, stand_in: StandIn
) -> None:
    stand_in.says = SOME_THING
    answer = client.post(PREDICT, data={"data": photographs(1)})
    assert answer.json["predictions"]["probabilities"] == [0.1, 0.0, 0.0, 0.0, 0.0]


def assert_failed(answer: Any, status: int) -> None:
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert set(answer.json) == {"status", "message"}
    assert answer.json["status"] == "error"
    assert answer.json["message"].endswith(".")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/models/nothing/", 404),
        ("POST", "/v2/models/nothing/predict/", 404),
        ("GET", "/v2/models/wildlife/nothing", 404),
        ("GET", PREDICT, 405),
        ("POST", "/v2/models/", 405),
        ("DELETE", "/v2/models/wildlife/", 405),
    ],
)
def test_what_is_not_there(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert_failed(answer, status)
    assert (status == 405) == ("Allow" in answer.headers)


def test_a_damaged_model(client: FlaskClient, tmp_path: Any) -> None:
    folder = tmp_path / "models" / "broken"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text("{}")
    assert_failed(client.get("/v2/models/broken/"), 409)
    assert len(client.get("/v2/models/").json["models"]) == 1


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 422),
        ({"urls": "https://example.org/cat.jpg"}, 422),
        ({"data": (BytesIO(), "empty.jpg")}, 422),
        ({"data": (BytesIO(b"no picture"), "words.jpg")}, 415),
    ],
)
def test_what_cannot_be_looked_at(
    client: FlaskClient, nothing_kept: Make, form: dict[str, Any], status: int
) -> None:
    assert_failed(client.post(PREDICT, data=form), status)
    nothing_kept()


def test_too_many_pictures(client: FlaskClient, photographs: Make, nothing_kept: Make) -> None:
    assert_failed(client.post(PREDICT, data={"data": photographs(11)}), 422)
    nothing_kept()


def test_no_worker_in_time(
    client: FlaskClient, photographs: Make, nothing_kept: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "LONGEST", 0.2)
    answer = client.post(PREDICT, data={"data": photographs(1)})
    assert_failed(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0
    nothing_kept()


def test_a_store_that_is_down(down: FlaskClient, photographs: Make) -> None:
    answer = down.post(PREDICT, data={"data": photographs(1)})
    assert_failed(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0
    assert down.get("/v2/models/").status_code == 200


def test_a_job_that_fails(
    client: FlaskClient, photographs: Make, stand_in: StandIn, nothing_kept: Make
) -> None:
    stand_in.says = Failure("internal", "Something went wrong.")
    answer = client.post(PREDICT, data={"data": photographs(1)})
    assert_failed(answer, 500)
    assert answer.json["message"] == "Something went wrong."
    nothing_kept()
