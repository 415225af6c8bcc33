"""A model measured with photographs whose names are known."""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.images import open_picture
from models.species.answers import Seen
from models.species.card import Card
from models.species.classifier import Classifier
from models.training.dataset import DataSet, DataSetError, Photograph
from models.training.examples import LONGER_SIDE
from models.training.metrics import Report

TOGETHER = 8
"""Photographs that are looked at at once, while the next are read."""


@dataclass(frozen=True)
class Evaluation:
    """What a model makes of a data set. Shares are 0..1."""

    report: Report
    kept: float | None
    """Share that is not rejected as unfamiliar; None where the model cannot tell."""
    coverage: float | None
    """Share of prediction sets that hold the truth; None where the model makes none."""
    left_out: int
    """Photographs of what the model does not know."""

    def record(self) -> dict[str, Any]:
        told = self.report.record()
        return told | {
            "kept": rounded(self.kept), "coverage": rounded(self.coverage),
            "left_out": self.left_out,
        }  # fmt: skip


def evaluate(
    classifier: Classifier, photographs: Sequence[Photograph], data_set: DataSet
) -> Generator[int, None, Evaluation]:
    """Look at all of them; yields how many are done.

    A label is the model's if it is called like one of its classes, or like its taxon. Raises
    `DataSetError` where the model knows none of them, `PictureError`.
    """
    card = classifier.card
    places = class_of(card)
    known = [each for each in photographs if key(meaning(each.label, data_set)) in places]
    if not known:
        raise DataSetError(f"{card.name} knows none of the labels of {data_set.name}.")
    seen: list[Seen] = []
    for part in looks(classifier, known):
        seen += part
        yield len(seen)
    truth = np.array([places[key(meaning(each.label, data_set))] for each in known])
    probabilities = np.array([each.probabilities for each in seen])
    labels = [label for label, _ in card.classes]
    least, enough = card.calibration.familiar, card.calibration.conformal
    familiar = [each.familiarity for each in seen if each.familiarity is not None]
    sets = None if enough is None else probabilities >= enough
    return Evaluation(
        report=Report.of_probabilities(probabilities, truth, labels),
        kept=None if least is None or not familiar else mean(np.array(familiar) >= least),
        coverage=None if sets is None else mean(sets[np.arange(len(truth)), truth]),
        left_out=len(photographs) - len(known),
    )


def looks(classifier: Classifier, photographs: Sequence[Photograph]) -> Iterator[list[Seen]]:
    """What is seen, some photographs at a time."""
    with ThreadPoolExecutor(1) as reader:
        pictures = reader.map(
            lambda each: open_picture(each.path, longer_side=LONGER_SIDE), photographs
        )
        waiting = []
        for place, picture in enumerate(pictures, 1):
            waiting.append(picture)
            if len(waiting) == TOGETHER or place == len(photographs):
                yield classifier.look(waiting)
                waiting = []


def class_of(card: Card) -> dict[str, int]:
    """The place of each class, by what it may be called."""
    found: dict[str, int] = {}
    for place, (label, taxon) in enumerate(card.classes):
        found.setdefault(key(label), place)
        if taxon is not None:
            found.setdefault(key(card.taxa[taxon].scientific_name), place)
    return found


def meaning(label: str, data_set: DataSet) -> str:
    taxon = data_set.taxa.get(label)
    return taxon.scientific_name if taxon else label


def key(name: str) -> str:
    return name.replace("_", " ").strip().casefold()


def mean(values: Any) -> float:
    return float(np.mean(values))


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
