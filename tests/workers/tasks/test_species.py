"""Naming as a job, without a queue: what is kept, what is told, and who is taken along."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.species.registry import PACKAGED
from workers import loaded
from workers.artifacts import FolderStore
from workers.jobs import Job, State
from workers.ledger import Ledger
from workers.tasks import species

SAMPLES = Path(__file__).parents[3] / "static" / "samples" / "content"


@pytest.fixture(autouse=True)
def models(here: None) -> None:
    loaded.registry.cache_clear()


def handed_in(ledger: Ledger, store: FolderStore, *samples: str, **options: object) -> Job:
    """A species job of samples that waits."""
    empty = Job(owner="ann", kind="species", queue="quick", options=options, inputs={})
    keys = {f"image-{i}": f"{empty.folder}/image-{i}.jpg" for i in range(len(samples))}
    for key, sample in zip(keys.values(), samples, strict=True):
        store.write(key, (SAMPLES / f"{sample}.jpg").read_bytes())
    job = Job(**{**empty.__dict__, "inputs": keys})
    return ledger.create(job, 99)


def test_a_cat_is_named(ledger: Ledger, store: FolderStore) -> None:
    job = handed_in(ledger, store, "chelsea", top_k=3)
    species.identify(job.id)
    done = ledger.get(job.id)
    assert done.state is State.SUCCEEDED and done.result
    assert done.progress.fraction == 1.0
    assert not done.result["rejected"]
    assert done.result["rollup"]["scientific_name"] == "Felis catus"
    assert done.result["answers"][0]["name"] == "domestic cat"
    assert len(done.result["answers"]) == 3
    assert done.result["boxes"] == []  # not asked for
    (photograph,) = done.result["photographs"]
    with Image.open(SAMPLES / "chelsea.jpg") as original:
        assert (photograph["width"], photograph["height"]) == original.size
    with Image.open(store.path(photograph["heatmap"])) as heat:
        alpha = np.asarray(heat.convert("RGBA"))[..., 3]
    assert alpha.min() == 0 and alpha.max() > 100  # somewhere, not everywhere


def test_a_cup_is_rejected_with_a_reason(ledger: Ledger, store: FolderStore) -> None:
    job = handed_in(ledger, store, "coffee")
    species.identify(job.id)
    result = ledger.get(job.id).result
    assert result and result["rejected"] and result["reason"] == "not_alive"


def test_photographs_of_one_observation_are_combined(ledger: Ledger, store: FolderStore) -> None:
    one, other, both = (
        handed_in(ledger, store, *samples)
        for samples in (["chelsea"], ["nautilus"], ["chelsea", "nautilus"])
    )
    species.identify(one.id)
    results = [ledger.get(job.id).result for job in (one, other, both)]
    alive = [result["alive"] for result in results if result]
    assert alive[2] == pytest.approx((alive[0] + alive[1]) / 2, abs=2e-4)
    assert len(results[2]["photographs"]) == 2  # type: ignore[index]


def test_one_message_takes_along_those_that_wait(ledger: Ledger, store: FolderStore) -> None:
    jobs = [handed_in(ledger, store, "chelsea") for _ in range(species.TOGETHER + 1)]
    damaged = jobs[2]
    store.write(damaged.inputs["image-0"], b"nothing")
    species.identify(jobs[0].id)
    states = [ledger.get(job.id).state for job in jobs]
    assert states[2] is State.FAILED  # and it harms nobody else
    assert states.count(State.SUCCEEDED) == species.TOGETHER - 1
    assert states[-1] is State.QUEUED  # more than one message may take
    before = ledger.get(jobs[1].id)
    species.identify(jobs[1].id)  # its own message comes later
    assert ledger.get(jobs[1].id) == before
    assert ledger.get(jobs[-1].id).state is State.SUCCEEDED


def test_paintings_are_not_taken_along(ledger: Ledger, store: FolderStore, art_job: Job) -> None:
    painting = ledger.create(Job(**{**art_job.__dict__, "queue": "quick"}), 99)
    naming = handed_in(ledger, store, "chelsea")
    species.identify(naming.id)
    assert ledger.get(naming.id).state is State.SUCCEEDED
    assert ledger.get(painting.id).state is State.QUEUED


def test_a_model_that_went_away_is_told(ledger: Ledger, store: FolderStore) -> None:
    job = handed_in(ledger, store, "chelsea", model="gone")
    species.identify(job.id)
    error = ledger.get(job.id).error
    assert error and error.code == "unknown_model" and "wildlife" in error.message


def test_a_model_with_foreign_weights_is_refused_by_name(
    ledger: Ledger, store: FolderStore, tmp_path: Path
) -> None:
    folder = tmp_path / "models" / "mine"
    shutil.copytree(PACKAGED / "wildlife", folder)
    card = json.loads((folder / "card.json").read_text()) | {"name": "mine"}
    card["weights"]["sha256"] = "0" * 64
    (folder / "card.json").write_text(json.dumps(card))
    job = handed_in(ledger, store, "chelsea", model="mine")
    species.identify(job.id)
    error = ledger.get(job.id).error
    assert error and error.code == "model_damaged" and error.message.startswith("mine: ")


def test_a_job_that_was_cancelled_meanwhile_stays_so(ledger: Ledger, store: FolderStore) -> None:
    job = handed_in(ledger, store, "chelsea")
    attempt = ledger.take(job.id, "a")
    assert attempt
    ledger.cancel(job.id)
    species.answer(attempt)
    assert ledger.get(job.id).state is State.CANCELLED
