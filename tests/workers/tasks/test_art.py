"""Painting as a job, without a queue: what is stored, and what is told of what cannot be."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from tifffile import TiffFile

from models import checkpoints
from models.images import open_picture
from models.style import engine
from models.style.options import PaintOptions
from models.style.output import settings_in
from models.style.standing import Standing
from workers import workshop as workshop_module
from workers.artifacts import FolderStore, StoreFull, Writer
from workers.checkpoints import kept
from workers.events import EventLog
from workers.jobs import Failure, Job, State
from workers.ledger import Ledger
from workers.previews import Previews
from workers.tasks import art


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
    steps = [each for each in told if each.type == "progress"]
    assert steps[-1].data["progress"]["scale"] == 64  # pixels of the longer side
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
    _, styles, masks = art.pictures(Job(owner="ann", options={}, inputs=keys), PaintOptions())
    assert not masks
    reds = [style.getpixel((9, 9))[0] for style in styles[1:]]
    assert len(styles) == 12 and reds == sorted(reds)


def with_options(job: Job, **options: object) -> Job:
    return replace(job, options={**job.options, **options})


def test_the_file_is_what_was_asked_for_and_says_how_to_repaint_it(
    here: None, ledger: Ledger, store: FolderStore, art_job: Job
) -> None:
    job = with_options(art_job, format="tiff16", seed=3, steps=4)
    ledger.create(job, 9)
    art.paint(job.id)
    result = ledger.get(job.id).result
    assert result and result["media_type"] == "image/tiff"
    assert settings_in(store.path(result["key"])) == PaintOptions.parse(job.options)
    with TiffFile(store.path(result["key"])) as file:
        fine = file.asarray()
    assert fine.dtype == np.uint16
    with Image.open(store.path(result["shown"])) as shown:
        assert shown.format == "PNG"
        assert np.abs(fine / 257 - np.asarray(shown)).max() <= 0.51


def test_outside_a_mask_the_photograph_stays(
    here: None, ledger: Ledger, store: FolderStore, art_job: Job
) -> None:
    key = f"{art_job.folder}/mask-0.jpg"
    left = Image.new("L", (96, 72), 0)
    left.paste(255, (0, 0, 48, 72))
    store.write(key, lambda file: left.save(file, "JPEG"))
    job = with_options(art_job, steps=15, strength=0.8)
    job = replace(job, inputs={**job.inputs, "mask-0": key})
    ledger.create(job, 9)
    art.paint(job.id)
    result = ledger.get(job.id).result
    assert result
    with Image.open(store.path(result["key"])) as made:
        painting = np.asarray(made.convert("RGB"), float)
    photograph = open_picture(store.path(job.inputs["content"])).resize((64, 48))
    change = np.abs(painting - np.asarray(photograph, float)).mean((0, 2))
    assert change[:28].mean() > 15
    assert change[36:].mean() < 3


def test_what_takes_too_much_memory_is_refused_with_a_reason(
    here: None, ledger: Ledger, art_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERIAN_MEMORY_MB", "500")
    workshop_module.workshop.cache_clear()
    failure = refused(ledger, with_options(art_job, size=8192))
    assert failure.code == "out_of_memory"
    assert "8192 x 6144" in failure.message and "0.5 GB" in failure.message


class Died(BaseException):
    """The process ended here: nobody caught that."""


@pytest.fixture
def saved_at_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if saving took no time."""
    monkeypatch.setattr(checkpoints, "SECONDS", -1.0)
    monkeypatch.setattr(engine, "SAVING", 1e9)


def dies_at(step: int, monkeypatch: pytest.MonkeyPatch, ledger: Ledger, id: str) -> None:
    """Paint up to a step and die there; the janitor gives the job to another."""

    def watch(steps: Iterator[engine.Step], previews: Previews) -> None:
        for each in steps:
            previews.follow(art.progress_of(each, "Painting"), each.picture)
            if each.step == step:
                raise Died

    with monkeypatch.context() as patch, pytest.raises(Died):
        patch.setattr(art, "watch", watch)
        art.paint(id)
    [held] = ledger.held()
    assert ledger.reclaim(held, anyway=True) is State.QUEUED


def test_a_painting_that_died_goes_on_to_the_same_picture(
    here: None, saved_at_each_step: None, ledger: Ledger, store: FolderStore, events: EventLog,
    art_job: Job, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ledger.create(art_job, 9)
    dies_at(30, monkeypatch, ledger, art_job.id)
    before = len(events.read(art_job.id))
    assert [each.fence for each in kept(store, art_job.id)] == [1]
    art.paint(art_job.id)
    job = ledger.get(art_job.id)
    assert job.state is State.SUCCEEDED and job.result and job.attempt == 2
    told = [each.data["progress"] for each in events.read(art_job.id)[before:]]
    assert told[0]["fraction"] == 0.0  # taken
    assert told[1]["message"] == "Going on"
    steps = [each["step"] for each in told if each["message"] == "Painting"]
    assert steps and min(steps) > 29
    fractions = [each["fraction"] for each in told[1:]]
    assert fractions == sorted(fractions) and fractions[0] > 0.5
    names = [each.name for each in (store.root / "jobs" / job.id).iterdir()]
    assert "checkpoints" not in names
    other = replace(art_job, id="0" * 32)
    ledger.create(other, 9)
    art.paint(other.id)
    undisturbed = ledger.get(other.id).result
    assert undisturbed
    assert store.read(job.result["key"]) == store.read(undisturbed["key"])


def test_the_last_attempt_leaves_what_two_died_of(
    here: None, saved_at_each_step: None, ledger: Ledger, art_job: Job, events: EventLog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ledger.create(art_job, 9)
    dies_at(5, monkeypatch, ledger, art_job.id)

    def died_of(*about: object) -> None:
        raise Died

    with monkeypatch.context() as patch, pytest.raises(Died):
        patch.setattr(Standing, "of", died_of)
        art.paint(art_job.id)
    ledger.reclaim(ledger.held()[0], anyway=True)
    before = len(events.read(art_job.id))
    art.paint(art_job.id)
    job = ledger.get(art_job.id)
    assert job.state is State.SUCCEEDED and job.attempt == 3
    told = [each.data["progress"] for each in events.read(art_job.id)[before:]]
    assert "Going on" not in {each["message"] for each in told}


def test_where_no_checkpoint_can_be_written_it_paints_on(
    here: None, saved_at_each_step: None, ledger: Ledger, store: FolderStore, art_job: Job,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    store.write(f"{art_job.folder}/checkpoints", b"this is no folder")
    ledger.create(art_job, 9)
    art.paint(art_job.id)
    job = ledger.get(art_job.id)
    assert job.state is State.SUCCEEDED and job.result and job.result["checkpoints"] == 0
    assert "a checkpoint could not be written" in caplog.text


def test_the_painting_comes_before_its_checkpoint(
    here: None, saved_at_each_step: None, ledger: Ledger, store: FolderStore, art_job: Job,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """On a disk that has room for one of both."""
    write = FolderStore.write

    def written(self: FolderStore, key: str, data: bytes | Writer, durable: bool = True) -> None:
        if "/checkpoints/" not in key and kept(self, art_job.id):
            raise StoreFull(28, "There is no room left for pictures.")
        write(self, key, data, durable)

    monkeypatch.setattr(FolderStore, "write", written)
    ledger.create(art_job, 9)
    art.paint(art_job.id)
    job = ledger.get(art_job.id)
    assert job.state is State.SUCCEEDED and job.result
    assert job.result["checkpoints"] > 0 and store.exists(job.result["key"])
