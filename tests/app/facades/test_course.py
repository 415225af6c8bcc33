"""What clients of the course's plant classifier send and read; its own snippets are the pattern."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.facades import looking
from app.services import Services
from tests.app.facades.conftest import SOME_THING, StandIn
from workers.jobs import Failure, Job
from workers.ledger import Ledger

Make = Callable[..., Any]


def send(client: FlaskClient, **fields: Any) -> Any:
    return client.post("/api", data={"mode": "localfile"} | fields)


def test_the_answer_is_exactly_this(
    client: FlaskClient, photographs: Make, stand_in: StandIn, nothing_kept: Make
) -> None:
    first, second = photographs(2)
    answer = send(client, **{"0": first, "1": second})  # as the original's documentation has it
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    said = answer.json
    lists = ("pred_lab", "pred_prob", "info", "google_images_link", "wikipedia_link")
    assert set(said) == {*lists, "status"}
    assert said["status"] == "OK"
    for name in lists:
        assert len(said[name]) == 5
        assert all(isinstance(each, float if name == "pred_prob" else str) for each in said[name])
    assert said["pred_lab"][0] == "Felis catus"
    assert said["pred_prob"][:3] == [0.9, 0.04, 0.03]
    assert said["info"][0] == "domestic cat"
    assert said["google_images_link"][0] == "https://www.google.com/search?tbm=isch&q=Felis+catus"
    assert said["wikipedia_link"][0] == "https://en.wikipedia.org/wiki/Felis_catus"
    (job,) = stand_in.jobs
    assert sorted(job.inputs) == ["image-0", "image-1"]
    nothing_kept()


@pytest.mark.parametrize("field", ["0", "files", "local_files", "whatever"])
def test_files_may_have_any_name(
    client: FlaskClient, photographs: Make, stand_in: StandIn, field: str
) -> None:
    assert send(client, **{field: photographs(3)}).status_code == 200
    assert len(stand_in.jobs[0].inputs) == 3


def test_what_does_not_live_has_low_probabilities(
    client: FlaskClient, photographs: Make, stand_in: StandIn
) -> None:
    stand_in.says = SOME_THING
    assert send(client, files=photographs(1)).json["pred_prob"] == [0.1, 0.0, 0.0, 0.0, 0.0]


def assert_failed(answer: Any, status: int, kind: str) -> None:
    assert answer.status_code == status
    assert answer.mimetype == "application/json"
    said = answer.json
    assert set(said) == {"status", "Error_type", "Error_description"}
    assert (said["status"], said["Error_type"]) == ("error", kind)
    assert said["Error_description"].endswith(".")


def test_addresses_are_not_fetched(client: FlaskClient, nothing_kept: Make) -> None:
    form = {"mode": "url", "url_list": ["https://example.org/a.jpg", "https://example.org/b.jpg"]}
    assert_failed(client.post("/api", data=form), 400, "Failed url connection")
    nothing_kept()


@pytest.mark.parametrize("form", [{}, {"mode": ""}, {"mode": "remote"}])
def test_another_mode(client: FlaskClient, form: dict[str, str]) -> None:
    assert_failed(client.post("/api", data=form), 400, "Invalid mode")


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ([], "Empty query"),
        ([(BytesIO(), "")], "Empty query"),
        ([(BytesIO(), "empty.jpg")], "Empty query"),
        ([(BytesIO(b"no picture"), "words.jpg")], "Local image format error"),
    ],
)
def test_what_cannot_be_looked_at(
    client: FlaskClient, nothing_kept: Make, files: list[Any], kind: str
) -> None:
    assert_failed(send(client, files=files), 400, kind)
    nothing_kept()


def test_a_tiny_picture(client: FlaskClient, jpeg: Make, nothing_kept: Make) -> None:
    assert_failed(send(client, files=(BytesIO(jpeg(8, 8)), "tiny.jpg")), 400, "Bad Request")
    nothing_kept()


def test_too_many_pictures(client: FlaskClient, photographs: Make, nothing_kept: Make) -> None:
    assert_failed(send(client, files=photographs(11)), 400, "Bad Request")
    nothing_kept()


def test_a_whole_form_that_is_too_large(client: FlaskClient, nothing_kept: Make) -> None:
    answer = send(client, files=(BytesIO(bytes(66_000_000)), "large.jpg"))
    assert_failed(answer, 413, "Request Entity Too Large")
    nothing_kept()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method(client: FlaskClient, method: str) -> None:
    answer = client.open("/api", method=method)
    assert_failed(answer, 405, "Method Not Allowed")
    assert "POST" in answer.headers["Allow"]


def test_a_full_queue(
    client: FlaskClient, photographs: Make, ledger: Ledger, here: Services
) -> None:
    options = {"model": "wildlife", "boxes": False}
    for _ in range(here.workers.queue_limit):
        job = Job("someone", options, {}, kind="species", queue="quick")
        ledger.create(job, here.workers.queue_limit)
    answer = send(client, files=photographs(1))
    assert_failed(answer, 429, "Too Many Requests")
    assert int(answer.headers["Retry-After"]) > 0


def test_no_worker_in_time(
    client: FlaskClient, photographs: Make, nothing_kept: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "LONGEST", 0.2)
    answer = send(client, files=photographs(2))
    assert_failed(answer, 503, "Service Unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    nothing_kept()


def test_a_store_that_is_down(down: FlaskClient, photographs: Make, tmp_path: Any) -> None:
    answer = send(down, files=photographs(1))
    assert_failed(answer, 503, "Service Unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("failure", "status", "kind"),
    [
        (Failure("internal", "Something went wrong."), 500, "Internal Server Error"),
        (Failure("weights_missing", "They are missing."), 500, "Internal Server Error"),
        (Failure("model_damaged", "It is damaged."), 409, "Conflict"),
        (Failure("truncated", "It was cut off."), 400, "Bad Request"),
    ],
)
def test_a_job_that_fails(
    client: FlaskClient, photographs: Make, stand_in: StandIn, nothing_kept: Make,
    failure: Failure, status: int, kind: str,
) -> None:  # fmt: skip
    stand_in.says = failure
    answer = send(client, files=photographs(1))
    assert_failed(answer, status, kind)
    assert answer.json["Error_description"] == failure.message
    nothing_kept()


def test_nobody_gets_a_cookie_or_the_job(
    client: FlaskClient, photographs: Make, stand_in: StandIn
) -> None:
    answer = send(client, files=photographs(1))
    assert "Set-Cookie" not in answer.headers
    assert client.get("/api/v1/jobs").json["jobs"] == []
    send(client, files=photographs(1))
    assert len({job.owner for job in stand_in.jobs}) == 2


def test_another_site_may_not(client: FlaskClient, photographs: Make, nothing_kept: Make) -> None:
    form = {"mode": "localfile", "files": photographs(1)}
    answer = client.post("/api", data=form, headers={"Origin": "https://elsewhere.example"})
    assert_failed(answer, 403, "Forbidden")
    nothing_kept()
