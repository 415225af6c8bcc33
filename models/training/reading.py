"""From a folder to a data set: whose format it is, and whether anything can be learned from it."""

from collections import Counter
from pathlib import Path
from typing import Protocol

from models.training.dataset import DataSet, DataSetError
from models.training.readers import darwin_core, folders, inaturalist, plantnet, synsets
from models.training.readers.listing import SPLIT_OF
from models.training.readers.source import JUNK, PICTURES


class Reader(Protocol):
    """A module that knows one format."""

    def matches(self, folder: Path) -> bool:
        """Whether a folder is in it, right or wrong."""
        ...

    def read(self, folder: Path) -> DataSet:
        """Raises `DataSetError`."""
        ...


READERS: dict[str, Reader] = {
    "Pl@ntNet-300K": plantnet,
    "a Darwin Core Archive": darwin_core,
    "synsets.txt with train.txt": synsets,
    "iNaturalist's JSON": inaturalist,
    "a folder of photographs a class": folders,
}
"""The most specific first."""


def read_data_set(folder: Path) -> DataSet:
    """The data set in `folder`, or in the only folder in it.

    Raises `DataSetError`: no format, no photograph, one class, a class of one photograph.
    """
    return _checked(read_any(folder))


def read_any(folder: Path) -> DataSet:
    """As `read_data_set`, be it one photograph. Raises `DataSetError`: no format, no photograph."""
    folder = _unwrapped(folder.resolve())
    for reader in READERS.values():
        if reader.matches(folder):
            data_set = reader.read(folder)
            if not data_set.photographs:
                raise DataSetError(f"{data_set.name}: there is no photograph in it.")
            return data_set
    raise DataSetError(f"{folder.name} is in no known format: {', '.join(READERS)}.")


def _unwrapped(folder: Path) -> Path:
    """Archives often hold one folder that holds everything."""
    while True:
        try:
            seen = [each for each in folder.iterdir() if each.name[0] != "."]
            inner = [each for each in seen if each.name not in JUNK]
            if len(inner) != 1 or not _wraps(inner[0]):
                return folder
        except OSError as error:
            raise DataSetError(f"{folder.name} cannot be read ({error.strerror}).") from error
        folder = inner[0]


def _wraps(folder: Path) -> bool:
    """Whether it can be left out: it is no split, and no class of photographs."""
    if folder.is_symlink() or not folder.is_dir() or folder.name.lower() in SPLIT_OF:
        return False
    return all(each.suffix.lower() not in PICTURES for each in folder.iterdir())


def _checked(data_set: DataSet) -> DataSet:
    sizes = Counter(photograph.label for photograph in data_set.photographs)
    if len(sizes) == 1:
        raise DataSetError(
            f"{data_set.name}: all photographs are of one class, {data_set.labels[0]}."
        )
    for photograph in data_set.photographs:
        if sizes[photograph.label] == 1:
            name = data_set.relative(photograph.path)
            raise DataSetError(
                f"{name} is the only photograph of {photograph.label}: a class needs two."
            )
    return data_set
