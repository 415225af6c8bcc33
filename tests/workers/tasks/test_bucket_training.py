"""A data set and a training by way of a bucket: made on one host, served by another."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.training.options import TrainOptions
from tests.models.training.lessons import drawn
from workers import loaded
from workers import workshop as workshop_module
from workers.artifacts import open_store
from workers.jobs import Job, State
from workers.ledger import Ledger
from workers.settings import Bucket, WorkerSettings
from workers.shared_models import open_registry
from workers.tasks import datasets, training


@pytest.fixture
def host(
    bucket: Bucket, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[WorkerSettings]:
    """This process works for it."""
    data = tmp_path / "host"
    for name, value in (
        ("MERIAN_REDIS_URL", valkey_url), ("MERIAN_DATA", str(data)),
        ("MERIAN_ARTIFACTS", str(bucket)), ("MERIAN_DEVICE", "cpu"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    for made in (workshop_module.workshop, loaded.registry):
        made.cache_clear()
    yield WorkerSettings.from_env()
    for made in (workshop_module.workshop, loaded.registry):
        made.cache_clear()


def archive(folder: Path) -> bytes:
    drawn(folder)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                made.write(path, path.relative_to(folder))
    return file.getvalue()


def handed_in(ledger: Ledger, kind: str, options: dict[str, Any], inputs: dict[str, str]) -> Job:
    return ledger.create(
        Job(owner="ann", kind=kind, queue="training", options=options, inputs=inputs), 9
    )


def test_what_one_host_was_taught_another_serves(
    ledger: Ledger, host: WorkerSettings, bucket: Bucket, tmp_path: Path
) -> None:
    store = open_store(host)
    store.write("archives/flowers.zip", archive(tmp_path / "flowers"))
    taken_in = handed_in(ledger, "dataset", {"title": ""}, {"archive": "archives/flowers.zip"})
    datasets.take_in(taken_in.id)
    assert ledger.get(taken_in.id).state is State.SUCCEEDED, ledger.get(taken_in.id).error
    assert not store.exists("archives/flowers.zip")
    options = TrainOptions(name="flowers", mode="head", epochs=1, batch=6, pixels=64).as_dict()
    taught = handed_in(ledger, "training", options | {"dataset": taken_in.id}, {})
    training.train(taught.id)
    done = ledger.get(taught.id)
    assert done.state is State.SUCCEEDED, done.error
    other = WorkerSettings(data=tmp_path / "other", artifacts=bucket)
    card = open_registry(other).get("flowers").card
    assert card.training is not None and card.training["job"] == taught.id
    assert (other.models / "flowers" / "owner.txt").read_text() == "ann"
    assert not any((host.cache / "desks").iterdir())  # nothing of it stays on the way
    store.delete_prefix(f"jobs/{taken_in.id}")
    again = handed_in(ledger, "training", options | {"dataset": taken_in.id, "name": "gone"}, {})
    training.train(again.id)
    error = ledger.get(again.id).error
    assert error and error.code == "unusable_dataset"
