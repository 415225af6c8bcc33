"""A photograph to learn from or to measure with: known by the sha256 of its file, and by class."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from models.images import open_picture

LONGER_SIDE = 640
"""Pixels as which photographs are read: no network looks at more."""


@dataclass(frozen=True)
class Example:
    """One photograph; of some only the features are known any more, not where its file is."""

    sha256: str
    label: str
    split: str
    group: str
    """Photographs of one observation, and copies of one another, share it."""
    path: Path | None

    def opened(self) -> Image.Image:
        """Raises `PictureError`, `OSError`."""
        assert self.path is not None
        return open_picture(self.path, longer_side=LONGER_SIDE)
