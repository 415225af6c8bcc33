"""Painting as a job, without a queue: what is stored, and what is told of what cannot be."""

from collections.abc import Iterator

import pytest
from PIL import Image

from workers import workshop as workshop_module
from workers.artifacts import FolderStore
from workers.events import EventLog
from workers.jobs import Failure, Job, Ledger, State
from workers.tasks import art
from workers.workshop import Workshop


@pytest.fixture
def here(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process works in the test's workshop."""
    for name, value in (
        ("MERIAN_REDIS_URL", shop.settings.redis_url),
        ("MERIAN_DATA", str(shop.settings.data)),
    ):
        monkeypatch.setenv(name, value)
    workshop_module.workshop.cache_clear()
    yield
    workshop_module.workshop.cache_clear()


def test_a_job_is_painted_and_told(
    here: None, ledger: Ledger, store: FolderStore, events: EventLog, art_job: Job
) -> None:
    ledger.create(art_job, 9)
    art.paint(art_job.id)
    job = ledger.get(art_job.id)
    assert job.state is State.SUCCEEDED and job.result
    with Image.open(store.path(job.result["key"])) as painting:
        assert painting.format == "PNG" and "icc_profile" in painting.info
        assert painting.size == (64, 48) == (job.result["width"], job.result["height"])
        assert len(painting.convert("RGB").getcolors(64 * 48) or []) > 100  # paint, not a blank
    told = events.read(art_job.id)
    assert [event.data["state"] for event in told if event.data["state"] != "running"] == [
        "queued", "succeeded",
    ]  # fmt: skip
    fractions = [event.data["progress"]["fraction"] for event in told[1:]]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    assert set(told[-1].data["progress"]["losses"]) == {"content", "style", "smoothness", "total"}
    assert job.result["preview_share"] <= 0.1  # a painting of few seconds; the first is a gift


def test_a_message_that_comes_twice_paints_once(
    here: None, ledger: Ledger, events: EventLog, art_job: Job
) -> None:
    ledger.create(art_job, 9)
    ledger.cancel(art_job.id)
    before = ledger.get(art_job.id)
    art.paint(art_job.id)
    art.paint("0" * 32)
    assert ledger.get(art_job.id) == before


def refused(ledger: Ledger, job: Job) -> Failure:
    ledger.create(job, 9)
    art.paint(job.id)
    failed = ledger.get(job.id)
    assert failed.state is State.FAILED and failed.error
    return failed.error


def test_a_picture_that_went_away_is_told(
    here: None, ledger: Ledger, store: FolderStore, art_job: Job
) -> None:
    store.delete(art_job.inputs["style-0"])
    assert refused(ledger, art_job).code == "input_missing"


def test_a_damaged_picture_is_told(
    here: None, ledger: Ledger, store: FolderStore, art_job: Job
) -> None:
    store.write(art_job.inputs["content"], store.read(art_job.inputs["content"])[:300])
    assert refused(ledger, art_job).code == "truncated"


def test_weights_that_cannot_be_had_are_told(
    here: None, ledger: Ledger, art_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nobody listens there
    job = Job(**{**art_job.__dict__, "options": {"painter": "classic", "size": 64}})
    failure = refused(ledger, job)
    assert failure.code == "weights_missing"
    assert "MERIAN_WEIGHTS" in failure.message


def test_styles_come_in_their_order(here: None, store: FolderStore, art_job: Job) -> None:
    keys = dict(art_job.inputs)
    for number in range(1, 12):
        keys[f"style-{number}"] = f"{art_job.folder}/style-{number}.jpg"
        colour = (20 * number, 0, 0)
        store.write(
            keys[f"style-{number}"],
            lambda file, colour=colour: Image.new("RGB", (32, 32), colour).save(file, "JPEG"),
        )
    _, styles = art.pictures(Job(owner="ann", options={}, inputs=keys), 64)
    reds = [style.getpixel((9, 9))[0] for style in styles[1:]]
    assert len(styles) == 12 and reds == sorted(reds)
