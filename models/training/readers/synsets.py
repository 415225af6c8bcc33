"""Lists as the lecture's course has them: `synsets.txt`, and `train.txt`, `val.txt`, `test.txt`.

`synsets.txt` has a name a line; the others a path and the number of its name, from 0, a line.
Paths begin at the folder or at `images` in it.
"""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from models.training.dataset import SPLITS, DataSet, DataSetError
from models.training.readers.listing import Listing
from models.training.readers.source import LONGEST, Source

NAMES = "synsets.txt"


def matches(folder: Path) -> bool:
    return any((folder / name).is_file() for name in (NAMES, "train.txt"))


def read(folder: Path) -> DataSet:
    """Raises `DataSetError`."""
    listing = Listing(Source(folder))
    labels = _names(listing)
    for split in SPLITS:
        name = f"{split}.txt"
        if split == "train" or (folder / name).is_file():
            for place, path, label in _lines(listing.source, name, labels):
                listing.add(listing.source.find(path, place, below="images"), label, place, split)
    used = {photograph.label for photograph, _ in listing.photographs.values()}
    if unused := [label for label in labels if label not in used]:
        listing.notes.append(
            f"{NAMES} has {len(unused)} names that no photograph has, {unused[0]} first."
        )
    return listing.data_set({})


def _names(listing: Listing) -> list[str]:
    labels: list[str] = []
    for number, line in enumerate(listing.source.text(NAMES).rstrip().split("\n"), start=1):
        place = f"{NAMES}:{number}"
        label = listing.label(line, place)
        if label in labels:
            raise DataSetError(f"{place}: the name {label} is there twice.")
        labels.append(label)
    return labels


def _lines(source: Source, name: str, labels: list[str]) -> Iterator[tuple[str, str, str]]:
    """Place, path and label of each line."""
    for number, line in enumerate(StringIO(source.text(name)), start=1):
        if not line.strip():
            continue
        place = f"{name}:{number}"
        path, _, which = line.strip().replace("\t", " ").rpartition(" ")
        if not path or not (which.isascii() and which.lstrip("-").isdecimal()):
            raise DataSetError(f"{place}: the line does not end with the number of a name.")
        if len(which) > 9 or int(which) not in range(len(labels)):
            raise DataSetError(
                f"{place}: {which[:LONGEST]} is not from 0 to {len(labels) - 1}, as {NAMES} has it."
            )
        yield place, path, labels[int(which)]
