"""Training as a job: what is served, what is told, what is left when it is stopped or dies."""

import csv
import json
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import psutil
import pytest

from models.devices import pick_device
from models.species.card import read_card
from models.species.registry import Registry
from models.training.course import Course, Places
from models.training.options import TrainOptions
from models.weights import Weights
from tests.models.training.lessons import TINTS, drawn, tinted
from workers import checkpoints, corrections, judged
from workers.artifacts import FolderStore
from workers.corrections import Correction
from workers.events import EventLog
from workers.jobs import Job, State
from workers.ledger import Ledger
from workers.processes import worker_command
from workers.submit import Submitter
from workers.tasks import training

OPTIONS = {"name": "flowers", "mode": "head", "epochs": 1, "batch": 6, "pixels": 64}


@pytest.fixture(autouse=True)
def at_home(here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "EVERY_SECONDS", 0.0)  # each step is told


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """A data set that whoever runs the machine put there."""
    folder = tmp_path / "datasets" / "flowers17"
    drawn(folder)
    return folder


def handed_in(ledger: Ledger, dataset: str = "flowers17", **chosen: Any) -> Job:
    options = TrainOptions(**(OPTIONS | chosen)).as_dict() | {"dataset": dataset}
    job = Job(owner="ann", kind="training", queue="training", options=options, inputs={})
    return ledger.create(job, 99)


def kept(store: FolderStore, job: Job) -> list[str]:
    folder = store.root / "jobs" / job.id
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


def stopped(monkeypatch: pytest.MonkeyPatch, message: str, stop: Callable[[], object]) -> None:
    """Somebody does it as the training says `message` for the third time."""
    original, told = training.progress_of, []

    def progress_of(step: Any) -> Any:
        told.append(step.message)
        if told.count(message) == 3:
            stop()
        return original(step)

    monkeypatch.setattr(training, "progress_of", progress_of)


def test_a_model_is_taught_and_served(
    ledger: Ledger, store: FolderStore, events: EventLog, dataset: Path, tmp_path: Path
) -> None:
    job = handed_in(ledger, mode="head+full")
    training.train(job.id)
    done = ledger.get(job.id)
    assert done.state is State.SUCCEEDED and done.result, done.error
    assert done.progress.fraction == 1.0
    result = done.result
    assert set(result) == {"model", "metrics", "report", "curves", "measured_on", "seconds"}
    assert (result["model"], result["measured_on"]) == ("flowers", "test")
    assert result["metrics"]["n"] == 12 and result["metrics"]["top1"] > 0.9
    assert result["report"]["photographs"] == 42 and result["seconds"] > 0
    assert [each["phase"] for each in result["curves"]] == ["head"] * 60 + ["full"]
    assert done.preview is not None and done.preview["curves"] == result["curves"]
    assert kept(store, job) == ["judged"]  # the checkpoint is gone
    seen = judged.read(store, job.id)
    assert len(seen) == 12 and {each.truth for each in seen} == set(TINTS)
    assert sum(each.right for each in seen) == round(12 * result["metrics"]["top1"])
    card = Registry(tmp_path / "models").get("flowers").card
    assert card.training is not None and card.training["job"] == job.id
    assert (tmp_path / "models" / "flowers" / "owner.txt").read_text() == "ann"
    told = [each.data for each in events.read(job.id) if each.data["progress"]["message"]]
    said = list(dict.fromkeys(each["progress"]["message"] for each in told))
    # Of a job that is over not every event stays.
    assert "Teaching the last layer" in said and said[-1] == "Saving"
    fractions = [each["progress"]["fraction"] for each in told]
    assert fractions == sorted(fractions)
    losses = [each["progress"]["losses"] for each in told if each["progress"]["losses"]]
    assert set(losses[-1]) == {"train", "val"}
    versions = [each["preview"]["version"] for each in told if each["preview"]]
    assert versions == sorted(versions)
    training.train(job.id)  # a message that comes twice
    assert ledger.get(job.id) == done


def test_cancelled_it_keeps_the_best_so_far(
    ledger: Ledger, store: FolderStore, dataset: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    job = handed_in(ledger, mode="full", epochs=5)
    stopped(monkeypatch, "Teaching everything", lambda: None)
    original = training.shown
    monkeypatch.setattr(
        training, "shown",
        lambda step, attempt: (
            ledger.cancel(job.id) if len(step.curves) == 2 else None, original(step, attempt)
        )[1],
    )  # fmt: skip
    training.train(job.id)
    assert ledger.get(job.id).state is State.CANCELLED
    card = read_card(tmp_path / "models" / "flowers")
    assert card.training is not None and card.training["job"] == job.id
    assert len(card.training["curves"]) == 2
    assert card.metrics["n"] == 12 and card.training["measured_on"] == "val"
    assert kept(store, job) == ["judged"] and len(judged.read(store, job.id)) == 12


def test_removed_while_it_saves_it_leaves_no_photographs(
    ledger: Ledger, store: FolderStore, dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled first, it hears no more of the ledger."""
    job = handed_in(ledger)
    stopped(monkeypatch, "Teaching the last layer", lambda: ledger.cancel(job.id))
    original = judged.keep

    def keep(*about: Any) -> int:
        ledger.delete(job.id)
        return original(*about)

    monkeypatch.setattr(judged, "keep", keep)
    training.train(job.id)
    assert kept(store, job) == []


def test_cancelled_before_anything_was_learnt_it_leaves_nothing(
    ledger: Ledger, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = handed_in(ledger)
    stopped(monkeypatch, "Reading the photographs", lambda: ledger.cancel(job.id))
    training.train(job.id)
    assert ledger.get(job.id).state is State.CANCELLED
    assert not (tmp_path / "models").exists()


def test_removed_it_leaves_nothing(
    ledger: Ledger, store: FolderStore, dataset: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    job = handed_in(ledger)
    stopped(monkeypatch, "Teaching the last layer", lambda: ledger.delete(job.id))
    training.train(job.id)
    assert not (tmp_path / "models").exists() and kept(store, job) == []


def test_overtaken_it_leaves_the_model_to_the_other(
    ledger: Ledger, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = handed_in(ledger)
    stopped(
        monkeypatch, "Teaching the last layer",
        lambda: [ledger.reclaim(held, anyway=True) for held in ledger.held()],
    )  # fmt: skip
    training.train(job.id)
    assert ledger.get(job.id).state is State.QUEUED
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    ("chosen", "code", "why"),
    [
        ({"dataset": "nowhere"}, "unusable_dataset", "cannot be read"),
        ({"dataset": "one class"}, "unusable_dataset", "all photographs are of one class"),
        ({"backbone": "dodonet"}, "unknown_network", "no network called dodonet"),
        ({"name": "wildlife"}, "model_exists", "comes with Merian"),
        ({"mode": "refit", "dataset": ""}, "unknown_model", "no model called flowers"),
        ({"mode": "refit", "dataset": "", "name": "wildlife"}, "unusable_dataset", "not taught"),
    ],
)
def test_what_cannot_be_is_told(
    ledger: Ledger, store: FolderStore, dataset: Path, chosen: dict[str, Any], code: str, why: str
) -> None:
    drawn(dataset.parent / "one class", {"train": 3}, {"Rosa canina": "crimson"})
    job = handed_in(ledger, **chosen)
    training.train(job.id)
    done = ledger.get(job.id)
    assert done.state is State.FAILED and done.error
    assert done.error.code == code and why in done.error.message
    assert kept(store, job) == []


def test_it_takes_in_an_archive_of_its_own(
    ledger: Ledger, store: FolderStore, dataset: Path, tmp_path: Path
) -> None:
    empty = Job(owner="ann", options={}, inputs={})
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(dataset.rglob("*.jpg")):
            archive.write(path, path.relative_to(dataset))
    key = f"{empty.folder}/archive.zip"
    store.write(key, file.getvalue())
    options = TrainOptions(**OPTIONS).as_dict() | {"dataset": ""}
    job = ledger.create(
        replace(empty, kind="training", queue="training", options=options, inputs={"archive": key}),
        99,
    )
    training.train(job.id)
    done = ledger.get(job.id)
    assert done.state is State.SUCCEEDED and done.result, done.error
    assert done.result["report"]["photographs"] == 42
    assert kept(store, job) == ["dataset", "judged"]
    assert (tmp_path / "models" / "flowers" / "card.json").is_file()


def test_a_model_is_taught_again_with_what_people_corrected(
    ledger: Ledger, store: FolderStore, dataset: Path, tmp_path: Path
) -> None:
    first = handed_in(ledger)
    training.train(first.id)
    rows = photographs(tmp_path)
    for number, keep in enumerate((True, False)):
        picture = BytesIO()
        tinted(900 + number, "gold").save(picture, "JPEG")
        store.write(f"jobs/naming{number}/image-0.jpg", picture.getvalue())
        correction = Correction(
            f"naming{number}", "flowers", "bob", "Bellis perennis", "Bellis perennis",
            "Rosa canina", keep, 1.0,
        )  # fmt: skip
        corrections.note(store, correction, {"image-0": f"jobs/naming{number}/image-0.jpg"})
    again = handed_in(ledger, dataset="", mode="refit")
    training.train(again.id)
    done = ledger.get(again.id)
    assert done.state is State.SUCCEEDED and done.result, done.error
    new = [row for row in photographs(tmp_path) if row not in rows]
    assert [(row["label"], row["split"]) for row in new] == [("Bellis perennis", "train")]
    card = read_card(tmp_path / "models" / "flowers")
    assert card.training is not None and card.training["job"] == again.id
    without = handed_in(ledger, dataset="", mode="refit")
    for number in range(2):
        corrections.withdraw(store, "flowers", f"naming{number}")
    training.train(without.id)  # with what it was taught alone
    assert ledger.get(without.id).state is State.SUCCEEDED


def photographs(home: Path) -> list[dict[str, str]]:
    with (home / "models" / "flowers" / "photographs.csv").open(newline="") as file:
        return list(csv.DictReader(file))


LONG = {"mode": "full", "epochs": 4, "lr": 1e-3}


@pytest.fixture
def workers(worker_environ: dict[str, str], tmp_path: Path) -> Iterator[Callable[[], psutil.Popen]]:
    """Starts workers for trainings; none outlives the test."""
    parents: list[psutil.Popen] = []
    environ = worker_environ | {"MERIAN_DEVICE": "cpu", "MERIAN_LEASE_SECONDS": "5"}

    def start() -> psutil.Popen:
        with (tmp_path / "worker.log").open("ab") as log:
            parents.append(
                psutil.Popen(
                    worker_command("training"), env=environ, stdout=log, stderr=subprocess.STDOUT
                )
            )
        return parents[-1]

    yield start
    for parent in parents:
        kill(parent)


def kill(parent: psutil.Popen) -> None:
    with suppress(psutil.NoSuchProcess):
        for process in (*parent.children(recursive=True), parent):
            with suppress(psutil.NoSuchProcess):
                process.kill()
    parent.wait()


GROWN = 300_000_000


def memory_of_children(parent: psutil.Popen) -> int:
    """Bytes of the largest."""
    sizes = [0]
    for child in parent.children():
        with suppress(psutil.NoSuchProcess):
            sizes.append(child.memory_info().rss)
    return max(sizes)


def wait_for(what: Callable[[], object], seconds: float = 180.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.mark.stack
def test_a_worker_that_is_killed_in_the_third_epoch_costs_at_most_that_epoch(
    workers: Callable[[], psutil.Popen], ledger: Ledger, store: FolderStore, events: EventLog,
    dataset: Path, tmp_path: Path,
) -> None:  # fmt: skip
    drawn(dataset, {"train": 10}, first=2000)  # 16 of each class: eight steps an epoch
    worker = workers()
    options = TrainOptions(**(OPTIONS | LONG)).as_dict() | {"dataset": "flowers17"}
    job = Submitter(ledger, 9).submit(Job(owner="ann", kind="training", options=options, inputs={}))

    def in_the_third_epoch() -> bool:
        found = ledger.get(job.id)
        assert not found.state.over, found.error
        curves = (found.preview or {}).get("curves", [])
        return len(curves) == 2 and 16 < found.progress.step < 24

    wait_for(in_the_third_epoch)
    kill(worker)
    assert [each.attempt for each in checkpoints.kept(store, job.id)] == [1]
    before = len(events.read(job.id))
    worker = workers()
    wait_for(lambda: memory_of_children(worker) > GROWN)
    wait_for(lambda: ledger.get(job.id).state.over)
    wait_for(lambda: memory_of_children(worker) < GROWN)  # a child ends with its training
    done = ledger.get(job.id)
    assert done.state is State.SUCCEEDED and done.result, done.error
    assert done.attempt == 2
    epochs = [each["epoch"] for each in done.result["curves"]]
    assert epochs == [1, 2, 3, 4]
    after = [each.data["progress"] for each in events.read(job.id)[before:]]
    steps = [each["step"] for each in after if each["steps"] == 32]
    assert steps and min(steps) > 16  # the first two epochs were not done again
    assert kept(store, job) == ["judged"]  # the checkpoint is gone

    undisturbed = tmp_path / "undisturbed"
    # As many threads as the worker has. With fewer, as an earlier test may have left behind, sums
    # are made in another order, and Adam makes a whole step of what is nearly nothing.
    cpu = pick_device("cpu")
    course = Course(
        dataset, TrainOptions(**(OPTIONS | LONG)),
        Places(Weights(None, undisturbed), undisturbed / "models", undisturbed / "f.sqlite", cpu),
    )  # fmt: skip
    *_, last = course.steps()
    card = course.keep(last)
    for name in ("train_loss", "val_loss"):
        wanted = [getattr(each, name) for each in last.curves]
        found = [each[name] for each in done.result["curves"]]
        assert found == pytest.approx(wanted, rel=1e-3)
    assert done.result["metrics"] == pytest.approx(card.metrics, abs=1e-3)
    assert json.loads((tmp_path / "models/flowers/card.json").read_text())["name"] == "flowers"
