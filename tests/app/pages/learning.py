"""Records of data sets and trainings, as workers leave them, for pages to show."""

import json
from pathlib import Path
from typing import Any

from models.training.metrics import Report

REPORT = {
    "title": "Shells <i>", "photographs": 30, "classes": 2, "observations": 4, "skew": 1.5,
    "counts": {
        "Conus textile": {"train": 10, "val": 4, "test": 4, "all": 18},
        "_nothing": {"train": 8, "val": 2, "test": 2, "all": 12},
    },
    "broken": [{"file": "Conus textile/a.jpg", "reason": "The file is empty."}],
    "duplicates": [
        {"files": ["b.jpg", "c.jpg"], "labels": ["Conus textile"]},
        {"files": ["d.jpg", "e.jpg"], "labels": ["Conus textile", "_nothing"]},
    ],
    "leaks": [
        {"files": ["b.jpg", "c.jpg"], "labels": ["Conus textile"], "splits": ["train", "test"]},
    ],
    "totals": {"broken": 1, "duplicates": 2, "contradictions": 1, "leaks": 1},
    "warnings": ["7 classes have fewer than 10 photographs."],
}  # fmt: skip
METRICS = {"n": 204, "top1": 0.9559, "top5": 1.0, "macro_top1": 0.95, "ece": 0.02, "kept": 0.97}
HEAD = [
    {"phase": "head", "epoch": epoch, "train_loss": 2.0 / epoch, "val_loss": 1.5 / epoch,
     "val_top1": 0.5 + 0.1 * epoch, "seconds": 1.0}
    for epoch in (1, 2, 3)
]  # fmt: skip
FULL = [each | {"phase": "full"} for each in HEAD[:2]]
RESULT = {
    "model": "mine", "metrics": METRICS, "curves": HEAD, "seconds": 12.0, "measured_on": "test",
    "report": None,
}  # fmt: skip


def evaluation(classes: int = 3) -> dict[str, Any]:
    """Of a model that is right on most, and takes the first class for the last."""
    labels = [f"class {number:02}" for number in range(classes)]
    rows = [[0.9 if place == said else 0.1 / classes for place in range(classes)]
            for said in [*range(classes), *range(classes), classes - 1]]  # fmt: skip
    return Report.of_probabilities(rows, [*range(classes), *range(classes), 0], labels).record()


AGAIN = {
    "training": {
        "job": "none", "mode": "head", "options": {"mode": "refit"}, "seconds": 2.0, "curves": HEAD,
        "measured_on": "val", "data": {"photographs": 7, "classes": 1, "warnings": ["Odd."]},
    }
}  # fmt: skip
"""Of a model that learned from corrections."""


def teach(folder: Path, job: str = "none", classes: int = 3, **more: Any) -> None:
    """Make the model in `folder` one that was taught here."""
    path = folder / "card.json"
    card = json.loads(path.read_text())
    training = {
        "job": job, "mode": "head+full", "options": {}, "seconds": 120.0, "curves": [*HEAD, *FULL],
        "measured_on": "test",
        "data": {"photographs": 30, "classes": 2, "warnings": REPORT["warnings"]},
    }  # fmt: skip
    told = {"training": training, "evaluation": evaluation(classes), "metrics": METRICS}
    path.write_text(json.dumps(card | told | more))
