"""From a folder of photographs to examples: read, inspected, divided. Imports no torch."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.training.cache import Cache
from models.training.dataset import DataSet
from models.training.examples import Example
from models.training.inspection import Inspection, Seen, inspect
from models.training.reading import read_any, read_data_set
from models.training.splits import divide, subjects


@dataclass(frozen=True)
class Prepared:
    """A data set as training takes it."""

    data_set: DataSet
    report: dict[str, Any]
    """What `Inspection.record` says of it."""
    examples: tuple[Example, ...]


def prepare(folder: Path, seed: int, cache: Cache | None) -> Generator[Seen, None, Prepared]:
    """Read a data set and open each of its photographs. Raises `DataSetError`."""
    inspection = yield from inspected(read_data_set(folder), cache)
    examples = tuple(examples_of(inspection, seed))
    return Prepared(inspection.data_set, inspection.record(), examples)


def prepare_more(folder: Path, cache: Cache | None) -> Generator[Seen, None, Prepared]:
    """The same of photographs, be they few, that all are to be learnt from beside others."""
    inspection = yield from inspected(read_any(folder), cache)
    examples = tuple(
        Example(sha256, photograph.label, "train", sha256, photograph.path)
        for sha256, photograph in zip(inspection.sha256, inspection.photographs, strict=True)
    )
    return Prepared(inspection.data_set, inspection.record(), examples)


def inspected(data_set: DataSet, cache: Cache | None) -> Generator[Seen, None, Inspection]:
    if cache is None:
        return (yield from inspect(data_set))
    with cache.known() as known:
        return (yield from inspect(data_set, known))


def examples_of(inspection: Inspection, seed: int) -> Generator[Example, None, None]:
    """Each photograph that may be learnt from or measured with, its split decided."""
    photographs = inspection.photographs
    group = {
        index: inspection.sha256[subject[0]]
        for subject in subjects(photographs, inspection.duplicates)
        for index in subject
    }
    place = {photograph.path: index for index, photograph in enumerate(photographs)}
    for divided in divide(photographs, inspection.duplicates, seed):
        index = place[divided.path]
        assert replace(divided, split="") == replace(photographs[index], split="")
        yield Example(
            inspection.sha256[index], divided.label, divided.split, group[index], divided.path
        )
