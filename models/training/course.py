"""A whole course: from a folder of photographs to a model that is served."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import torch

from models.checkpoints import Checkpoints
from models.species.card import Card, CardInvalid
from models.species.classifier import read_trunk
from models.species.registry import PACKAGED, Model, Registry, UnknownModel
from models.species.taxonomy import Taxon
from models.species.trunks import Pretrained, build_trunk, load_trunk
from models.steps import told
from models.training.cache import Cache
from models.training.dataset import DataSetError
from models.training.engine import train
from models.training.examples import Example
from models.training.options import TrainOptions
from models.training.package import PHOTOGRAPHS, install, read_photographs, write_model
from models.training.preparing import prepare, prepare_more
from models.training.results import Step, Trained
from models.weights import Weights, read_weights

TOLD = (
    "photographs", "classes", "observations", "counts", "skew", "totals", "warnings", "corrections",
)  # fmt: skip
"""Of the report on the data, what the card keeps: no file names."""
ROOM = 59
"""Letters of a name that leave room for a number in the 63 that there may be."""


class NameTaken(ValueError):
    """There is a model of that name already. The message says what to do."""


@dataclass(frozen=True)
class Places:
    """Where a course finds and leaves things."""

    weights: Weights
    models: Path
    """Where models are served from."""
    cache: Path
    device: torch.device


class Course:
    """One training: `steps` does the work, `keep` makes a model of what a step has."""

    def __init__(
        self, folder: Path | None, options: TrainOptions, places: Places,
        checkpoints: Checkpoints | None = None, job: str = "", owner: str = "",
    ) -> None:  # fmt: skip
        """`folder` may be None where the model is only taught again what it was taught.

        Raises `NameTaken`, `UnknownModel`, `DataSetError`.
        """
        self.folder, self.options, self.places = folder, options, places
        self.checkpoints, self.job, self.owner = checkpoints, job, owner
        self.registry = Registry(places.models)
        self.taught: Model | None = None
        if options.mode == "refit":
            self.taught = self.registry.get(options.name)
        else:
            check_name(self.registry, options, job)
            if folder is None:
                raise DataSetError("There is no folder of photographs to learn from.")
        self.report: dict[str, Any] = {}
        self.taxa: dict[str, Taxon] = {}
        self.kept: Trained | None = None
        """What the model was made of, once `keep` has made it."""

    def steps(self) -> Generator[Step, None, None]:
        """Everything but writing the model. Raises what `prepare`, `load_trunk` and `train` do."""
        cache = Cache(self.places.cache)
        examples: list[Example] = []
        if self.folder is not None:
            reading = (
                prepare_more(self.folder, cache)
                if self.taught
                else prepare(self.folder, self.options.seed, cache)
            )
            prepared = yield from told(
                reading, lambda seen: Step("Reading the photographs", seen.done, seen.total, 0.0)
            )
            examples, self.report = list(prepared.examples), prepared.report
            self.taxa |= prepared.data_set.taxa
        if self.taught is not None:
            base, examples = self._again(self.taught, examples)
        else:
            base = load_trunk(self.options.backbone, self.places.weights, self.options.pixels)
        yield from train(examples, base, self.options, self.places.device, cache, self.checkpoints)

    def keep(self, step: Step) -> Card:
        """Make a model of what `step` has, and serve it.

        Where another training took its name meanwhile, it is called by the next one that is free:
        neither is lost.
        """
        assert step.trained is not None
        if self.taught is None:
            self._name_anew()
        self.places.models.parent.mkdir(parents=True, exist_ok=True)
        desk = Path(tempfile.mkdtemp(prefix=".model-", dir=self.places.models.parent))
        try:
            data = {name: self.report[name] for name in TOLD if name in self.report}
            new = desk / self.options.name
            self.kept = step.trained()
            card = write_model(new, self.kept, self.options, self.taxa, data, self.job, self.owner)
            install(new, self.places.models)
        finally:
            shutil.rmtree(desk, ignore_errors=True)
        return card

    def _name_anew(self) -> None:
        """Only where its name is taken by now."""
        wanted = self.options.name
        for number in count(2):
            with suppress(NameTaken):
                check_name(self.registry, self.options, self.job)
                break
            self.options = replace(self.options, name=f"{wanted[:ROOM]}-{number}")
        if self.options.name != wanted:
            self.report.setdefault("warnings", []).append(
                f"There is a model called {wanted} by now: this one is called {self.options.name}."
            )

    def _again(self, model: Model, more: list[Example]) -> tuple[Pretrained, list[Example]]:
        """The model's own trunk, and what it was taught, with more to learn from.

        A photograph that it was taught before may have another label now; it stays in its split.
        """
        card = model.card
        trunk = build_trunk(card.backbone)
        read_trunk(trunk, read_weights(model.weights))
        path = model.weights.parent / PHOTOGRAPHS
        if not path.is_file():
            raise DataSetError(f"{card.name} was not taught here: it cannot be taught again.")
        known = {example.sha256: example for example in read_photographs(path)}
        for each in more:
            old = known.get(each.sha256)
            known[each.sha256] = replace(each, split=old.split if old else "train")
        taxa = {label: card.taxa[taxon] for label, taxon in card.classes if taxon is not None}
        self.taxa = taxa | self.taxa
        before = (card.training or {}).get("data", {})
        self.report = before | {"corrections": len(more)}
        self.options = replace(self.options, backbone=card.backbone)
        return Pretrained(card.backbone, trunk, card.preprocessing), list(known.values())


def check_name(registry: Registry, options: TrainOptions, job: str) -> None:
    """Raises `NameTaken` where a model of that name may not be made.

    One that an attempt at the same `job` made before it failed is no other model.
    """
    name = options.name
    if (PACKAGED / name).is_dir():
        raise NameTaken(f"{name} is a model that comes with Merian. Choose another name.")
    if (registry.folder / name).exists() and not options.replace:
        with suppress(UnknownModel, CardInvalid):
            if job and (registry.get(name).card.training or {}).get("job") == job:
                return
        raise NameTaken(
            f"There is a model called {name} already. Choose another name, or set replace."
        )
