"""iNaturalist's competitions (Van Horn et al., CVPR 2018 and 2021): JSON in the manner of COCO.

A file's name says the split. Photographs of one species, moment and place are one observation.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.species.taxonomy import RANKS, Taxon
from models.training.dataset import DataSet, DataSetError
from models.training.readers.listing import SPLIT_OF, Listing, taxon_of
from models.training.readers.source import LONGEST, Source, unprintable

PARTS = ("images", "annotations", "categories")
Record = dict[str, Any]


def matches(folder: Path) -> bool:
    return any(_files(folder))


def read(folder: Path) -> DataSet:
    """Raises `DataSetError`."""
    listing = Listing(Source(folder))
    taxa: dict[str, Taxon] = {}
    for path in _files(folder):
        _add(listing, taxa, path.name)
    return listing.data_set(taxa)


def _files(folder: Path) -> Iterator[Path]:
    """JSON files that speak of two of the three parts at least."""
    for path in sorted(folder.glob("*.json")):
        data = path.read_bytes() if path.is_file() else b""
        if sum(f'"{part}"'.encode() in data for part in PARTS) > 1:
            yield path


def _add(listing: Listing, taxa: dict[str, Taxon], name: str) -> None:
    whole = listing.source.json(name)
    images, categories = (_by_id(whole, name, part) for part in ("images", "categories"))
    words = re.split(r"[^a-z]+", Path(name).stem.lower())
    split = next((SPLIT_OF[word] for word in words if word in SPLIT_OF), "")
    labels: dict[str, str] = {}
    for key, category in categories.items():
        place = f"{name}: category {key}"
        labels[key] = label = listing.label(_text(category, "name", place), place)
        if taxon := _taxon(category, label, place):
            taxa.setdefault(label, taxon)
    unused = set(images)
    for annotation in _records(whole, name, "annotations"):
        place = f"{name}: annotation {annotation.get('id')!r:.{LONGEST}}"
        image, kind = (str(annotation.get(f"{of}_id")) for of in ("image", "category"))
        for key, listed, of in ((image, images, "image"), (kind, categories, "category")):
            if key not in listed:
                raise DataSetError(f"{place} is of {of} {key!r:.{LONGEST}}, which is not listed.")
        path = listing.source.find(_text(images[image], "file_name", place), place, "images")
        listing.add(path, labels[kind], place, split, _observation(images[image], labels[kind]))
        unused.discard(image)
    if unused:
        listing.notes.append(f"{len(unused)} images of {name} have no annotation: left out.")


def _records(whole: Record, name: str, part: str) -> list[Record]:
    records = whole.get(part)
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise DataSetError(f"{name}: {part} is missing or no list of objects.")
    return records


def _by_id(whole: Record, name: str, part: str) -> dict[str, Record]:
    """What the others refer to: whole numbers or short texts, each once."""
    found: dict[str, Record] = {}
    for record in _records(whole, name, part):
        key = record.get("id")
        usable = isinstance(key, (int, str)) and len(str(key)) <= LONGEST
        if not usable or unprintable(str(key)) or str(key) in found:
            raise DataSetError(f"{name}: an id of {part} is missing, there twice or no number.")
        found[str(key)] = record
    return found


def _text(record: Record, key: str, place: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise DataSetError(f"{place}: {key} is missing or no text.")
    return value


def _observation(image: Record, label: str) -> str:
    where = [image.get(key) for key in ("date", "latitude", "longitude")]
    return "" if None in where or "" in where else " ".join(map(str, [label, *where]))


def _taxon(category: Record, label: str, place: str) -> Taxon | None:
    """Where its lineage is told; a name that is not of a higher rank is a species'."""
    ranks = {rank: _text(category, rank, place) for rank in RANKS if category.get(rank)}
    if ranks and label not in ranks.values():
        ranks.setdefault("species", label)
    common = category.get("common_name") or ""
    return taxon_of(place, ranks, {"en": common} if isinstance(common, str) else {})
