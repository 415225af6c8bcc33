"""What a student is shown: square pieces of pictures, changed at random, and made pictures.

Batch `number` of a seed is always the same, whatever was drawn before: training can go on anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from models.images import open_picture
from models.style.distillation.procedural import Pixels, procedural

Colours = npt.NDArray[np.float64]
ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
SIZES = (128, 768)  # of the longer side of a picture, in pixels, at which pieces are cut out of it
KEPT = 128  # decoded pictures


class NoPictures(ValueError):
    """Folders without a picture in them. The message is for people."""


def pictures_in(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Every picture in folders and theirs, by name; thumbnails are none. Raises `NoPictures`."""
    found = sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix.lower() in ENDINGS and not path.stem.endswith(".thumb")
    )
    if folders and not found:
        raise NoPictures(f"There are no pictures in {', '.join(map(str, folders))}.")
    return tuple(found)


@dataclass
class Crops:
    """An endless series of batches."""

    pictures: Sequence[Path]
    size: int
    """Side of a crop in pixels."""
    batch: int
    made: float
    """The share of pictures that are made, 0..1. All of them are where there are no others."""
    seed: int
    _decoded: dict[Path, Image.Image] = field(default_factory=dict)

    def of(self, number: int) -> torch.Tensor:
        """Batch `number` (batch, 3, size, size), mostly in 0..1: a painter strays a little, too."""
        random = np.random.default_rng([self.seed, number])
        crops = [self._crop(random) for _ in range(self.batch)]
        return torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).contiguous()

    def _crop(self, random: np.random.Generator) -> Pixels:
        if not self.pictures or random.random() < self.made:
            return _changed(random, procedural(random, self.size))
        path = self.pictures[int(random.integers(len(self.pictures)))]
        return _changed(random, self._piece(random, self._picture(path)))

    def _picture(self, path: Path) -> Image.Image:
        if path not in self._decoded:
            if len(self._decoded) >= KEPT:
                self._decoded.pop(next(iter(self._decoded)))
            self._decoded[path] = open_picture(path)
        return self._decoded[path]

    def _piece(self, random: np.random.Generator, picture: Image.Image) -> Pixels:
        """A square of the picture as it is at one of the sizes that paintings have."""
        longer, shorter = max(picture.size), min(picture.size)
        least, most = SIZES
        wanted = np.exp(random.uniform(np.log(least), np.log(max(least, min(most, longer)))))
        side = min(self.size * longer / wanted, shorter)
        left, top = (random.uniform(0, whole - side) for whole in picture.size)
        piece = picture.resize(
            (self.size, self.size), Image.Resampling.BICUBIC,
            box=(left, top, left + side, top + side), reducing_gap=2.0,
        )  # fmt: skip
        return np.asarray(piece, np.float32) / np.float32(255)


def _changed(random: np.random.Generator, pixels: Pixels) -> Pixels:
    """Turned, in other colours and contrasts, and sometimes noisy as a painting that is begun."""
    crop: Colours = np.rot90(pixels, int(random.integers(4))).astype(np.float64)
    crop = crop[::-1] if random.random() < 0.5 else crop
    if random.random() < 0.7:
        turned = _hue(random.normal(0, 0.6)) * random.uniform(0.3, 1.6)
        grey = np.full((3, 3), 1 / 3)
        crop = crop @ (grey + turned @ (np.eye(3) - grey))
        crop = (crop - 0.5) * random.uniform(0.5, 1.4) + 0.5 + random.normal(0, 0.08)
    if random.random() < 0.3:
        crop = crop + random.normal(0, random.uniform(0.0, 0.12), crop.shape)
    if random.random() < 0.8:
        crop = np.clip(crop, 0.0, 1.0)
    return crop.astype(np.float32)


def _hue(angle: float) -> Colours:
    """A turn of colours about grey (3, 3)."""
    axis = np.cross(np.eye(3), np.full(3, 3**-0.5))
    turn: Colours = np.eye(3) + np.sin(angle) * axis + (1 - np.cos(angle)) * (axis @ axis)
    return turn
