"""A trained network as a model that can be served: a folder with a card and weights."""

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.species.card import CARD, Calibration, Card, Weights
from models.species.taxonomy import Taxon
from models.training.dataset import NOTHING
from models.training.examples import Example
from models.training.options import TrainOptions
from models.training.results import Trained
from models.weights import State, safetensors

WEIGHTS, PHOTOGRAPHS, OWNER = "model.safetensors", "photographs.csv", "owner.txt"
BINOMIAL = re.compile(r"([A-Z][a-z-]+)[ _]([a-z][a-z-]+)")
"""A scientific name: genus and species."""


def write_model(
    folder: Path,
    trained: Trained,
    options: TrainOptions,
    taxa: Mapping[str, Taxon],
    data: Mapping[str, Any],
    job: str = "",
    owner: str = "",
) -> Card:
    """Write everything of a model into a new folder. `data` is told on the card.

    The folder's last part is the model's name.
    """
    folder.mkdir(parents=True)
    digest = hashlib.sha256()
    with (folder / WEIGHTS).open("wb") as file:
        for part in safetensors(state_of(trained)):
            file.write(part)
            digest.update(part)
    card = card_of(trained, options, taxa, data, job, digest.hexdigest())
    text = json.dumps(card.record(), ensure_ascii=False, indent=1)
    (folder / CARD).write_text(text, "utf-8")
    write_photographs(folder / PHOTOGRAPHS, trained.examples)
    if owner:
        (folder / OWNER).write_text(owner, "utf-8")
    return card


def install(new: Path, models: Path) -> Path:
    """Move a model's folder to where models are served from, in place of one of its name.

    Both must be on one disk: who looks meanwhile sees the old one, none for an instant, or the new.
    """
    models.mkdir(parents=True, exist_ok=True)
    place, aside = models / new.name, new.with_name(f".{new.name}.old")
    if place.exists():
        place.rename(aside)
    new.rename(place)
    shutil.rmtree(aside, ignore_errors=True)
    return place


def state_of(trained: Trained) -> State:
    """Every tensor of a model, by the names that `load_classifier` reads."""
    state = {name: tensor.detach().cpu() for name, tensor in trained.network.state_dict().items()}
    if trained.familiarity is not None:
        state["familiarity.weight"] = trained.familiarity.weight.cpu()
        state["familiarity.bias"] = trained.familiarity.bias.cpu()
    return state


def card_of(
    trained: Trained,
    options: TrainOptions,
    taxa: Mapping[str, Taxon],
    data: Mapping[str, Any],
    job: str,
    sha256: str,
) -> Card:
    """What the model's card says."""
    living = [label for label in trained.labels if not label.startswith(NOTHING)]
    judgement = trained.judgement
    title = options.name.replace("_", " ").replace("-", " ").capitalize()
    learnt = sum(example.split == "train" for example in trained.examples)
    return Card(
        name=options.name,
        version=datetime.now(UTC).strftime("%Y-%m-%d.%H%M"),
        title={"en": title, "es": title},
        description={
            "en": f"{len(living)} classes, taught from {learnt} photographs.",
            "es": f"{len(living)} clases, enseñadas con {learnt} fotografías.",
        },
        licence="as its photographs allow",
        training_data=f"{learnt} photographs of {len(living)} classes",
        backbone=trained.backbone,
        preprocessing=trained.preprocessing,
        weights=Weights(file=WEIGHTS, sha256=sha256),
        metrics=judgement.metrics() if judgement else {},
        calibration=calibration_of(trained),
        training={
            "job": job, "options": options.as_dict(), "mode": trained.mode, "data": dict(data),
            "seconds": trained.seconds, "curves": [asdict(each) for each in trained.curves],
            "measured_on": judgement.measured_on if judgement else "",
        },
        evaluation=judgement.report.record() if judgement else None,
        taxa=[taxon_of(label, taxa).record() for label in living],  # type: ignore[arg-type]
        classes=tuple(
            (label, living.index(label) if label in living else None) for label in trained.labels
        ),
    )  # fmt: skip


def calibration_of(trained: Trained) -> Calibration:
    judgement = trained.judgement
    if judgement is None:
        return Calibration()
    fitted = judgement.fitted
    return Calibration(
        temperature=fitted.temperature, conformal=fitted.conformal, familiar=fitted.familiar,
        fitted_on=f"{fitted.n} photographs that it did not learn from",
    )  # fmt: skip


def taxon_of(label: str, taxa: Mapping[str, Taxon]) -> Taxon:
    """What a label means: as the data set says, or by its own words."""
    if label in taxa:
        return taxa[label]
    name = label.replace("_", " ")
    if found := BINOMIAL.fullmatch(label):
        return Taxon(("", "", "", "", "", found[1], name))
    return Taxon(("", "", "", "", "", "", name))


def write_photographs(path: Path, examples: Sequence[Example]) -> None:
    """What the model was taught, without the photographs: enough to teach its last layer again."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sha256", "label", "split", "group"])
        for each in examples:
            writer.writerow([each.sha256, each.label, each.split, each.group])


def read_photographs(path: Path) -> list[Example]:
    """What `write_photographs` wrote."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return [
            Example(row["sha256"], row["label"], row["split"], row["group"], None) for row in rows
        ]
