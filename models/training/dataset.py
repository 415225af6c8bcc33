"""A data set: photographs, each with the label of what it shows. Imports no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from models.species.taxonomy import Taxon

SPLITS = ("train", "val", "test")
"""To learn from; to choose and to calibrate by; to measure with, once."""

NOTHING = "_"
"""With this begin labels of photographs that show none of the species."""


class DataSetError(ValueError):
    """A folder is no data set that can be trained on. The message names the file or the line."""


@dataclass(frozen=True)
class Photograph:
    """One photograph of a data set."""

    path: Path
    label: str
    split: str = ""
    """One of `SPLITS`; "" where the data set leaves it to us."""
    observation: str = ""
    """Photographs of one observation share it and stay in one split; "" where nothing is known."""


@dataclass(frozen=True)
class DataSet:
    """Photographs and their labels, as a reader found them."""

    name: str
    photographs: tuple[Photograph, ...]
    taxa: Mapping[str, Taxon] = field(default_factory=dict)
    """What a label means, where the data set says so; otherwise its name has to do."""
    folder: Path = Path()
    """Where it lies: reports name files from here."""
    notes: tuple[str, ...] = ()
    """What the reader left out, a sentence each."""

    @property
    def labels(self) -> tuple[str, ...]:
        """In order, each once."""
        return tuple(sorted({photograph.label for photograph in self.photographs}))

    def relative(self, path: Path) -> str:
        """A photograph's path as reports name it."""
        inside = path.is_relative_to(self.folder)
        return (path.relative_to(self.folder) if inside else path).as_posix()
