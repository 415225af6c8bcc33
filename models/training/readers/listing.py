"""Photographs as a reader finds them: each once, under a label that is fit to be shown.

Whatever is wrong raises `DataSetError`: one sentence that begins with the place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from unicodedata import normalize

from models.species.taxonomy import Taxon
from models.training.dataset import DataSet, DataSetError, Photograph
from models.training.readers.source import LONGEST, Source, unprintable

SPLIT_OF = {
    "train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test",
}  # fmt: skip


@dataclass
class Listing:
    """What will be the data set."""

    source: Source
    photographs: dict[Path, tuple[Photograph, str]] = field(default_factory=dict)
    labels: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By what two labels must not have in common: the label, and the place where it was first."""
    notes: list[str] = field(default_factory=list)

    def label(self, text: str, place: str) -> str:
        """The label as it is kept. Raises `DataSetError`."""
        label = normalize("NFC", text.strip())
        if not label:
            raise DataSetError(f"{place}: the label is empty.")
        if len(label) > LONGEST:
            raise DataSetError(f"{place}: the label is longer than {LONGEST} characters.")
        if unprintable(label):
            raise DataSetError(f"{place}: the label has control characters.")
        key = " ".join(label.casefold().replace("_", " ").split())
        known, where = self.labels.setdefault(key, (label, place))
        if known != label:
            raise DataSetError(
                f"{place}: the label {label} differs from {known} ({where}) "
                "only by case or by blanks and underscores."
            )
        return label

    def add(
        self, path: Path, label: str, place: str, split: str = "", observation: str = ""
    ) -> None:
        """Raises `DataSetError` where the file was listed before, and otherwise."""
        photograph = Photograph(path, self.label(label, place), split, observation)
        known, where = self.photographs.setdefault(path, (photograph, place))
        if (known.label, known.split) != (photograph.label, split):
            name = path.relative_to(self.source.folder).as_posix()
            raise DataSetError(f"{place}: {name} has another label or split in {where}.")

    def data_set(self, taxa: Mapping[str, Taxon]) -> DataSet:
        """What has been added, with the taxa of its labels."""
        folder = self.source.folder
        photographs = tuple(photograph for photograph, _ in self.photographs.values())
        labels = {photograph.label for photograph in photographs}
        used = {label: taxon for label, taxon in taxa.items() if label in labels}
        return DataSet(folder.name, photographs, used, folder, tuple(self.notes))


def split_of(word: str, place: str) -> str:
    """One of `SPLITS`, or "" for a blank word. Raises `DataSetError`."""
    word = word.strip().lower()
    if word and word not in SPLIT_OF:
        raise DataSetError(f"{place}: {word[:LONGEST]!r} is no split: use train, val or test.")
    return SPLIT_OF.get(word, "")


def taxon_of(place: str, ranks: Mapping[str, str], names: Mapping[str, str]) -> Taxon | None:
    """The taxon, None where no rank is known; an epithet is put behind its genus."""
    known = {rank: name.strip() for rank, name in ranks.items() if name.strip()}
    if not known:
        return None
    if "genus" in known and "species" in known and " " not in known["species"]:
        known["species"] = f"{known['genus']} {known['species']}"
    common = {language: name.strip() for language, name in names.items() if name.strip()}
    for name in (*known.values(), *common.values()):
        if len(name) > LONGEST or unprintable(name):
            raise DataSetError(f"{place}: a name is too long or has control characters.")
    return Taxon.read({**known, "names": common})
