"""Lessons in miniature: classes that are told apart by their tint, and a network of 64 px."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from models.checkpoints import Checkpoint
from models.species.trunks import Pretrained, load_trunk
from models.training.engine import train
from models.training.examples import Example
from models.training.options import TrainOptions
from models.training.results import Step
from models.weights import Weights
from tests.models.training.miniatures import picture

CPU = torch.device("cpu")
TINTS = {"Rosa canina": "crimson", "Bellis perennis": "gold", "Gentiana verna": "mediumblue"}
NOTHING = {"_nothing": "dimgrey"}
SPLITS = {"train": 6, "val": 4, "test": 4}
"""Photographs of each class."""


def tinted(seed: int, colour: str) -> Image.Image:
    return Image.blend(picture(seed), Image.new("RGB", (96, 72), colour), 0.6)


def drawn(
    folder: Path, splits: Mapping[str, int] = SPLITS, tints: Mapping[str, str] = TINTS,
    first: int = 0,
) -> list[Example]:  # fmt: skip
    """So many photographs of each class on disk, and as examples; no two have a seed in common."""
    examples = []
    for label, colour in tints.items():
        for split, count in splits.items():
            for _ in range(count):
                path = folder / split / label / f"{first}.jpg"
                path.parent.mkdir(parents=True, exist_ok=True)
                tinted(first, colour).save(path, quality=92)
                sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
                examples.append(Example(sha256, label, split, sha256, path))
                first += 1
    return examples


def small_network(pixels: int = 64) -> Pretrained:
    return load_trunk("efficientnet_lite0", Weights(None, Path("/nowhere")), pixels)


def options(**chosen: Any) -> TrainOptions:
    """One epoch of everything, in small batches."""
    return TrainOptions(**{"name": "flowers", "epochs": 1, "batch": 6, "pixels": 64} | chosen)


def taught(examples: Iterable[Example], *about: Any, **chosen: Any) -> list[Step]:
    """All steps of a training with these options; `about`: cache and checkpoints."""
    return list(train(list(examples), small_network(), options(**chosen), CPU, *about))


class Memory:
    """Checkpoints in memory; `saved` are all of them, copied as a file would."""

    def __init__(self, *saved: Checkpoint) -> None:
        self.saved = list(saved)

    def load(self, key: str) -> Checkpoint | None:
        return self.saved[-1] if self.saved and self.saved[-1].key == key else None

    def save(self, checkpoint: Checkpoint) -> None:
        self.saved.append(replace(checkpoint, state=copied(checkpoint.state)))


def copied(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {name: copied(each) for name, each in value.items()}
    if isinstance(value, list):
        return [copied(each) for each in value]
    return value
