"""A job through the API, from queue to removal. The worker's part is played on the ledger."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from workers.artifacts import FolderStore
from workers.attempts import Attempt, JobGone
from workers.jobs import Failure, Job, Progress
from workers.ledger import Ledger

Make = Callable[..., Any]


@pytest.fixture
def attempt(painted: dict[str, Any], ledger: Ledger) -> Attempt:
    """A worker has begun the job that was handed in."""
    taken = ledger.take(painted["id"], "host/1/2/test")
    assert taken
    return taken


@pytest.fixture
def show(client: FlaskClient, painted: dict[str, Any]) -> Callable[[], Any]:
    return lambda: client.get(painted["links"]["self"])


def paint_preview(attempt: Attempt, store: FolderStore, data: bytes, version: int = 1) -> None:
    key = f"{attempt.folder}/preview.jpg"
    store.write(key, data)
    shown = {"key": key, "width": 96, "height": 64, "version": version}
    attempt.progress(Progress(12, 170, 0.25, "Painting", {"total": 3.5}), shown)


def finish(attempt: Attempt, store: FolderStore, picture: Make) -> None:
    key = f"{attempt.folder}/painting.png"
    store.write(key, lambda file: picture(96, 64).save(file, "PNG"))
    about = {"key": key, "width": 96, "height": 64, "media_type": "image/png", "seconds": 9.5}
    attempt.succeed(about | {"previews": 8})


def test_running(attempt: Attempt, store: FolderStore, jpeg: Make, show: Make) -> None:
    paint_preview(attempt, store, jpeg())
    answer = show()
    job = answer.json
    assert job["state"] == "running"
    assert job["position"] is None
    assert job["attempt"] == 1
    assert job["progress"] == {
        "step": 12, "steps": 170, "fraction": 0.25, "message": "Painting", "losses": {"total": 3.5},
    }  # fmt: skip
    assert job["eta_seconds"] >= 0
    assert job["links"]["preview"].endswith("/preview?v=1")
    assert job["links"]["result"] is None
    assert answer.headers["Retry-After"] == "1"


def test_finished(
    attempt: Attempt, store: FolderStore, picture: Make, show: Make, client: FlaskClient
) -> None:
    finish(attempt, store, picture)
    answer = show()
    job = answer.json
    assert job["state"] == "succeeded"
    assert job["result"] == {"width": 96, "height": 64, "media_type": "image/png", "seconds": 9.5}
    assert job["finished_at"] >= job["started_at"] >= job["created_at"]
    assert "Retry-After" not in answer.headers
    painting = client.get(job["links"]["result"])
    assert painting.status_code == 200
    assert painting.mimetype == "image/png"
    assert painting.headers["Cache-Control"] == "private, no-store"
    assert "attachment" not in painting.headers.get("Content-Disposition", "")
    assert painting.data == store.read(f"{attempt.folder}/painting.png")


def test_download_has_a_name(
    attempt: Attempt, store: FolderStore, picture: Make, client: FlaskClient
) -> None:
    finish(attempt, store, picture)
    answer = client.get(f"/api/v1/jobs/{attempt.job.id}/result?download=1")
    name = f"merian-{attempt.job.id[:8]}.png"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"


def test_failed(attempt: Attempt, show: Make, client: FlaskClient) -> None:
    attempt.fail(Failure("out_of_memory", "Choose a smaller size."))
    job = show().json
    assert job["state"] == "failed"
    assert job["error"] == {"code": "out_of_memory", "message": "Choose a smaller size."}
    answer = client.get(f"{job['links']['self']}/result")
    assert (answer.status_code, answer.json["code"]) == (404, "no_result")


def test_result_and_preview_before_there_are_any(
    painted: dict[str, Any], client: FlaskClient
) -> None:
    result, preview = (
        client.get(f"{painted['links']['self']}/{name}") for name in ("result", "preview")
    )
    assert (result.status_code, result.json["code"]) == (409, "not_ready")
    assert (preview.status_code, preview.json["code"]) == (404, "no_preview")
    assert result.headers["Retry-After"] and preview.headers["Retry-After"]


def test_preview_changes(
    attempt: Attempt, store: FolderStore, jpeg: Make, show: Make, client: FlaskClient
) -> None:
    seen = []
    for version, data in enumerate([jpeg(96, 64), jpeg(90, 60)], 1):
        paint_preview(attempt, store, data, version)
        answer = client.get(show().json["links"]["preview"])
        assert answer.data == data
        assert answer.headers["Cache-Control"] == "private, no-store"
        seen.append((answer.request.url, answer.headers["ETag"]))
    assert seen[0][0] != seen[1][0] and seen[0][1] != seen[1][1]


def test_inputs(painted: dict[str, Any], client: FlaskClient) -> None:
    for name, link in painted["links"]["inputs"].items():
        answer = client.get(link)
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert (
            client.get(link, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
        )
        assert name in link
    answer = client.get(f"{painted['links']['self']}/inputs/style-7")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_a_range_that_is_not_there(painted: dict[str, Any], client: FlaskClient) -> None:
    answer = client.get(painted["links"]["inputs"]["content"], headers={"Range": "bytes=9999999-"})
    assert (answer.status_code, answer.json["code"]) == (416, "bad_range")


def test_asking_often_is_cheap(attempt: Attempt, show: Make, client: FlaskClient) -> None:
    first = show()
    tag = {"If-None-Match": first.headers["ETag"]}
    again = client.get(first.request.path, headers=tag)
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["Retry-After"] == "1"
    attempt.progress(Progress(1, 2, 0.5))
    assert client.get(first.request.path, headers=tag).status_code == 200


def test_a_step_forward_in_the_queue_is_a_change(
    client: FlaskClient, fields: Make, ledger: Ledger
) -> None:
    first, second = (client.post("/api/v1/art", data=fields()).json for _ in range(2))
    seen = client.get(second["links"]["self"])
    assert seen.json["position"] == 1
    ledger.cancel(first["id"])
    tag = {"If-None-Match": seen.headers["ETag"]}
    now = client.get(second["links"]["self"], headers=tag)
    assert (now.status_code, now.json["position"]) == (200, 0)


def test_cancelled_in_the_queue(painted: dict[str, Any], client: FlaskClient) -> None:
    for _ in range(2):
        answer = client.post(painted["links"]["cancel"])
        assert (answer.status_code, answer.json["state"]) == (200, "cancelled")
    result = client.get(f"{painted['links']['self']}/result")
    assert (result.status_code, result.json["code"]) == (404, "no_result")


def test_what_was_painted_stays(
    attempt: Attempt, store: FolderStore, jpeg: Make, client: FlaskClient
) -> None:
    paint_preview(attempt, store, jpeg())
    job = client.post(f"/api/v1/jobs/{attempt.job.id}/cancel").json
    assert job["state"] == "cancelled"
    about = {"width": 96, "height": 64, "media_type": "image/jpeg", "seconds": None}
    assert job["result"] == about
    answer = client.get(f"{job['links']['result']}?download=true")
    assert (answer.mimetype, answer.data) == ("image/jpeg", jpeg())
    assert answer.headers["Content-Disposition"].endswith(".jpg")


def test_what_is_finished_cannot_be_cancelled(
    attempt: Attempt, store: FolderStore, picture: Make, client: FlaskClient, show: Make
) -> None:
    finish(attempt, store, picture)
    answer = client.post(f"/api/v1/jobs/{attempt.job.id}/cancel")
    assert (answer.status_code, answer.json["code"]) == (409, "already_finished")
    assert show().json["state"] == "succeeded"


def test_removed_with_all_that_belonged_to_it(
    attempt: Attempt, store: FolderStore, jpeg: Make, client: FlaskClient, redis: Any,
    ledger: Ledger, tmp_path: Any,
) -> None:  # fmt: skip
    paint_preview(attempt, store, jpeg())
    job = f"/api/v1/jobs/{attempt.job.id}"
    answer = client.delete(job)
    assert (answer.status_code, answer.data) == (204, b"")
    for path in ("", "/events", "/result", "/preview", "/inputs/content"):
        assert client.get(job + path).status_code == 404
    assert client.delete(job).status_code == 404
    assert client.get("/api/v1/jobs").json["jobs"] == []
    assert not redis.keys(f"*{attempt.job.id}*")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "audit.log"]
    with pytest.raises(JobGone):
        attempt.renew()


def test_list_newest_first_in_pages(
    client: FlaskClient, painted: dict[str, Any], ledger: Ledger
) -> None:
    owner = ledger.get(painted["id"]).owner
    made = [painted["id"], *(ledger.create(Job(owner, {}, {}), 100).id for _ in range(6))]
    ledger.create(Job("someone else", {}, {}), 100)
    seen, cursor = [], None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = client.get("/api/v1/jobs", query_string=query).json
        seen += [job["id"] for job in page["jobs"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "cursor=nonsense", "cursor=%00"]
)
def test_a_bad_page_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/api/v1/jobs?{query}")
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_parameter")


@pytest.mark.parametrize(
    ("method", "end"),
    [
        ("get", ""), ("get", "/events"), ("get", "/result"), ("get", "/preview"),
        ("get", "/inputs/content"), ("post", "/cancel"), ("delete", ""),
    ],
)  # fmt: skip
def test_the_job_of_another_is_unknown(
    app: Flask, painted: dict[str, Any], ledger: Ledger, method: str, end: str
) -> None:
    stranger = app.test_client()
    for id in (painted["id"], "0" * 32):
        answer = stranger.open(f"/api/v1/jobs/{id}{end}", method=method)
        assert (answer.status_code, answer.json["code"]) == (404, "job_not_found")
    assert ledger.get(painted["id"]).state == "queued"


def test_an_id_that_is_none(client: FlaskClient) -> None:
    answer = client.get("/api/v1/jobs/x")
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_parameter")
    assert answer.json["field"] == "id"


# Events.


def parse(text: str) -> list[dict[str, Any]]:
    """The events of a stream: id, event and data of each."""
    blocks = [block.splitlines() for block in text.split("\n\n") if "data: " in block]
    read = [dict(line.split(": ", 1) for line in block) for block in blocks]
    return [each | {"data": json.loads(each["data"])} for each in read]


def test_events_from_the_beginning_to_the_end(
    attempt: Attempt, store: FolderStore, picture: Make, jpeg: Make, client: FlaskClient
) -> None:
    paint_preview(attempt, store, jpeg())
    finish(attempt, store, picture)
    answer = client.get(f"/api/v1/jobs/{attempt.job.id}/events")
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.startswith("retry: ")
    events = parse(answer.text)
    states = [event["data"]["state"] for event in events]
    assert states == ["queued", "running", "running", "succeeded"]
    assert [event["event"] for event in events] == ["state", "state", "preview", "state"]
    assert events[2]["data"]["preview"] == {"width": 96, "height": 64, "version": 1}
    assert events[2]["data"]["progress"]["fraction"] == 0.25
    assert "key" not in answer.text


def test_events_go_on_without_a_gap(
    attempt: Attempt, store: FolderStore, picture: Make, client: FlaskClient
) -> None:
    for step in range(5):
        attempt.progress(Progress(step, 5, step / 5))
    finish(attempt, store, picture)
    path = f"/api/v1/jobs/{attempt.job.id}/events"
    whole = parse(client.get(path).text)
    for place, event in enumerate(whole[:-1]):
        rest = parse(client.get(path, headers={"Last-Event-ID": event["id"]}).text)
        assert rest == whole[place + 1 :]
    after = client.get(path, headers={"Last-Event-ID": whole[-1]["id"]})
    assert after.status_code == 204


@pytest.mark.parametrize("id", ["x", "1", "1-", "-1", "1-2-3", "9" * 40 + "-0"])
def test_a_last_event_that_is_none(painted: dict[str, Any], client: FlaskClient, id: str) -> None:
    answer = client.get(painted["links"]["events"], headers={"Last-Event-ID": id})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_parameter")


def test_streams_have_an_end_and_a_number(
    app: Flask, attempt: Attempt, store: FolderStore, picture: Make, client: FlaskClient
) -> None:
    """Every slot that a stream took is given back, and beyond the last there is a clear answer."""
    finish(attempt, store, picture)
    path = f"/api/v1/jobs/{attempt.job.id}/events"
    seats, owner = app.extensions["merian"].seats, attempt.job.owner
    taken = 0
    while seats.take(owner):
        taken += 1
    answer = client.get(path)
    assert (answer.status_code, answer.json["code"]) == (503, "too_many_streams")
    assert answer.headers["Retry-After"]
    seats.leave(owner)
    for _ in range(3):
        assert parse(client.get(path, buffered=True).text)
    assert seats.taken[owner] == taken - 1 == seats.most * 3 // 4 - 1


def test_pictures_are_real(painted: dict[str, Any], client: FlaskClient, tmp_path: Any) -> None:
    kept = tmp_path / "content.jpg"
    kept.write_bytes(client.get(painted["links"]["inputs"]["content"]).data)
    assert Image.open(kept).size == (96, 64)
