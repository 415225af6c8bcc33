"""Taking in a data set as a job, without a queue: what is kept, what is told, what goes."""

import os
import zipfile
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from models.training.reading import read_data_set
from workers.artifacts import FolderStore
from workers.events import EventLog
from workers.jobs import Job, State
from workers.ledger import Ledger
from workers.tasks import datasets

pytestmark = pytest.mark.usefixtures("here")


def photograph(seed: int) -> bytes:
    file = BytesIO()
    small = np.random.default_rng(seed).integers(0, 255, (4, 6, 3), dtype=np.uint8)
    Image.fromarray(small).resize((96, 64)).save(file, "JPEG")
    return file.getvalue()


def handed_in(ledger: Ledger, store: FolderStore, data: bytes, title: str = "Flowers") -> Job:
    empty = Job(owner="ann", kind="dataset", options={"title": title}, inputs={})
    key = f"{empty.folder}/archive.zip"
    store.write(key, data)
    return ledger.create(Job(**{**empty.__dict__, "inputs": {"archive": key}}), 99)


def zipped(**classes: int) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for label, count in classes.items():
            for number in range(count):
                archive.writestr(f"{label}/{number}.jpg", photograph(100 * len(label) + number))
    return file.getvalue()


def kept(store: FolderStore, job: Job) -> list[str]:
    folder = store.root / "jobs" / job.id
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


def test_an_archive_becomes_a_data_set(ledger: Ledger, store: FolderStore) -> None:
    job = handed_in(ledger, store, zipped(rose=4, tulip=3))
    datasets.take_in(job.id)
    done = ledger.get(job.id)
    assert done.state is State.SUCCEEDED, done.error
    report = done.result["report"]  # type: ignore[index]
    assert (report["title"], report["photographs"], report["classes"]) == ("Flowers", 7, 2)
    assert done.result["seconds"] > 0  # type: ignore[index]
    assert kept(store, job) == ["dataset", "glimpses"]
    found = read_data_set(store.root / f"jobs/{job.id}/dataset")
    assert found.labels == ("rose", "tulip") and len(found.photographs) == 7


def test_what_cannot_be_used_is_explained_and_the_archive_goes(
    ledger: Ledger, store: FolderStore
) -> None:
    job = handed_in(ledger, store, zipped(rose=4))
    datasets.take_in(job.id)
    done = ledger.get(job.id)
    assert done.state is State.FAILED and done.error
    assert done.error.code == "unusable_dataset" and "one class" in done.error.message
    assert kept(store, job) == []


def test_it_is_told_twice_a_second_at_most(
    ledger: Ledger, store: FolderStore, events: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = handed_in(ledger, store, zipped(rose=20, tulip=20))
    datasets.take_in(job.id)
    told = [each.data["progress"] for each in events.read(job.id) if each.type == "progress"]
    seconds = ledger.get(job.id).result["seconds"]  # type: ignore[index]
    assert 1 <= len(told) <= 1 + seconds / datasets.EVERY_SECONDS
    assert told[0]["message"] == "Unpacking"


@pytest.mark.parametrize("remove", [False, True])
def test_who_cancels_or_removes_it_gets_the_room_back(
    ledger: Ledger, store: FolderStore, remove: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = handed_in(ledger, store, zipped(rose=9, tulip=9))
    monkeypatch.setattr(datasets, "EVERY_SECONDS", 0.0)
    steps = 0

    def taken_in(archive: Path, folder: Path, limits: object) -> object:
        """The real one; somebody does it after the third step."""
        nonlocal steps
        for step in original(archive, folder, limits):
            steps += 1
            if steps == 3:
                ledger.delete(job.id) if remove else ledger.cancel(job.id)
            yield step

    original = datasets.taken_in
    monkeypatch.setattr(datasets, "taken_in", taken_in)
    datasets.take_in(job.id)
    assert steps == 3
    assert kept(store, job) == []
    if not remove:
        assert ledger.get(job.id).state is State.CANCELLED


def test_a_job_that_was_cancelled_while_it_waited_keeps_no_archive(
    ledger: Ledger, store: FolderStore
) -> None:
    job = handed_in(ledger, store, zipped(rose=2, tulip=2))
    ledger.cancel(job.id)
    datasets.take_in(job.id)
    assert kept(store, job) == []
    assert ledger.get(job.id).state is State.CANCELLED


def test_the_limits_are_those_of_the_settings(
    ledger: Ledger, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workers.workshop import workshop

    monkeypatch.setenv("MERIAN_MAX_DATASET_MB", "1")
    workshop.cache_clear()
    large = BytesIO()
    with ZipFile(large, "w", zipfile.ZIP_STORED) as archive:
        for number in range(3):
            archive.writestr(f"rose/{number}.jpg", os.urandom(900_000))
    job = handed_in(ledger, store, large.getvalue())
    datasets.take_in(job.id)
    error = ledger.get(job.id).error
    assert error and error.message == "rose/2.jpg: unpacked, the archive has more than 2 MB."
    limits = datasets.limits(workshop().settings)
    assert limits.max_files > workshop().settings.max_photographs == 50_000
