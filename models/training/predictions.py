"""What another program predicted, in the form in which the plants project wrote it down.

A JSON object: `pred_lab`, for each photograph its labels, best first; `pred_prob`, their
probabilities; `true_lab`, what each photograph shows. Rows may hold only the best few, and not
equally many. (Heredia, arXiv:1706.03736; github.com/IgnacioHeredia/plant_classification)
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.training.metrics import NONE, TOP, Report

KEYS = ("pred_lab", "pred_prob", "true_lab")
SLACK = 1e-6
"""How far above 1 rounding may have brought a probability."""


class PredictionsError(ValueError):
    """A file holds no predictions that can be measured. The message names it and the entry."""


@dataclass(frozen=True)
class Predictions:
    """For each photograph: labels, best first, the first one's probability 0..1, and the truth."""

    labels: tuple[tuple[str, ...], ...]
    confidences: tuple[float, ...]
    """0 where a row has no label."""
    truth: tuple[str, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """All labels that occur, numbers before names, each once."""
        found = set(self.truth).union(*self.labels)
        numbers = {label for label in found if label.isdecimal()}
        return (*sorted(numbers, key=lambda label: (int(label), label)), *sorted(found - numbers))

    def report(self) -> Report:
        """Log loss and Brier score need all probabilities, and stay unknown."""
        classes = self.classes
        place = {label: number for number, label in enumerate(classes)}
        ranks = np.full((len(self.truth), TOP), NONE)
        for row, labels in zip(ranks, self.labels, strict=True):
            best = [place[label] for label in labels[:TOP]]
            row[: len(best)] = best
        truth = [place[label] for label in self.truth]
        return Report.of_ranks(ranks, self.confidences, truth, classes)


def read_predictions(path: Path) -> Predictions:
    """The predictions of a file; a row that is not in order is put in order.

    Raises `PredictionsError`.
    """
    labels, probabilities, truth = columns(path)
    ordered, confidences, true = [], [], []
    for number, (names, chances, right) in enumerate(
        zip(labels, probabilities, truth, strict=True), 1
    ):
        try:
            row = sorted(pairs(names, chances), key=lambda pair: -pair[1])
            true.append(named(right, "true_lab"))
        except ValueError as wrong:
            raise PredictionsError(f"{path.name}: photograph {number}: {wrong}.") from wrong
        ordered.append(tuple(label for label, _ in row))
        confidences.append(row[0][1] if row else 0.0)
    return Predictions(tuple(ordered), tuple(confidences), tuple(true))


def columns(path: Path) -> tuple[list[Any], list[Any], list[Any]]:
    """The three lists, each as long as the others."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise PredictionsError(f"{path.name} cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:  # no JSON, or no text
        raise PredictionsError(f"{path.name} is not JSON ({error}).") from error
    if not isinstance(found, dict):
        raise PredictionsError(f"{path.name} is not a JSON object with {', '.join(KEYS)}.")
    for key in KEYS:
        if not isinstance(found.get(key), list):
            raise PredictionsError(f"{path.name} has no list {key}.")
    lengths = [len(found[key]) for key in KEYS]
    if len(set(lengths)) > 1:
        told = ", ".join(f"{key} {length}" for key, length in zip(KEYS, lengths, strict=True))
        raise PredictionsError(f"{path.name}: the lists are not of one length ({told}).")
    if not lengths[0]:
        raise PredictionsError(f"{path.name} has no predictions.")
    return found["pred_lab"], found["pred_prob"], found["true_lab"]


def pairs(labels: Any, probabilities: Any) -> list[tuple[str, float]]:
    """Labels with their probabilities, as one row of the file gives them."""
    if not isinstance(labels, list) or not isinstance(probabilities, list):
        raise ValueError("pred_lab and pred_prob must each be a list")
    if len(labels) != len(probabilities):
        told = f"{len(labels)} and {len(probabilities)}"
        raise ValueError(f"pred_lab and pred_prob are not of one length ({told})")
    return [
        (named(label, "pred_lab"), chance(probability))
        for label, probability in zip(labels, probabilities, strict=True)
    ]


def named(label: Any, key: str) -> str:
    """A label as a text: the number 7, 7.0 and the text "7" are one label."""
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    if isinstance(label, bool) or not isinstance(label, (int, str)):
        raise ValueError(f"the label {label!r} of {key} is neither a whole number nor a name")
    return str(label)


def chance(probability: Any) -> float:
    number = isinstance(probability, (int, float)) and not isinstance(probability, bool)
    if not number or not 0.0 <= probability <= 1.0 + SLACK:
        raise ValueError(f"the probability {probability!r} is not between 0 and 1")
    return min(float(probability), 1.0)
