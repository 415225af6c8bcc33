"""A folder a class; or a folder a split with these in it; or a `split.csv` beside them.

`taxa.csv` may say what the labels mean. A class whose name begins with _ shows none of the species.
"""

from collections.abc import Iterator
from pathlib import Path

from models.species.taxonomy import RANKS, Taxon
from models.training.dataset import DataSet, DataSetError
from models.training.readers.listing import SPLIT_OF, Listing, split_of, taxon_of
from models.training.readers.source import Source

LIST, TAXA = "split.csv", "taxa.csv"
COLUMNS = ("path", "label", "split")


def matches(folder: Path) -> bool:
    return (folder / LIST).is_file() or any("/" in name for name in Source(folder).pictures)


def read(folder: Path) -> DataSet:
    """Raises `DataSetError`."""
    listing = Listing(Source(folder))
    if (folder / LIST).is_file():
        _listed(listing)
    elif any(_is_split(listing.source, name) for name in _folders(listing.source)):
        _splits(listing)
    else:
        _classes(listing)
    taxa = dict(_taxa(listing)) if (folder / TAXA).is_file() else {}
    return listing.data_set(taxa)


def _listed(listing: Listing) -> None:
    for place, row in listing.source.table(LIST, *COLUMNS):
        listing.add(
            listing.source.find(row["path"], place), row["label"], place,
            split_of(row["split"], place), row.get("observation", "").strip(),
        )  # fmt: skip


def _splits(listing: Listing) -> None:
    """`train/class/...`; every folder must be a split."""
    _refuse_links(listing.source)
    for name in _folders(listing.source):
        if not _is_split(listing.source, name):
            raise DataSetError(f"{name}: the folder is no split, but lies beside splits.")
    for name, path in listing.source.pictures.items():
        split, *classes = name.split("/")[:-1] or [""]
        if not classes:
            raise DataSetError(f"{name}: the photograph is in no class's folder.")
        listing.add(path, classes[0], f"{split}/{classes[0]}", SPLIT_OF[split.lower()])


def _classes(listing: Listing) -> None:
    _refuse_links(listing.source)
    for name, path in listing.source.pictures.items():
        if "/" in name:
            label = name.split("/")[0]
            listing.add(path, label, label)
    if strays := [name for name in listing.source.pictures if "/" not in name]:
        listing.notes.append(
            f"{len(strays)} photographs in no class's folder were left out, {strays[0]} first."
        )


def _taxa(listing: Listing) -> Iterator[tuple[str, Taxon]]:
    known = {photograph.label for photograph, _ in listing.photographs.values()}
    seen: dict[str, str] = {}
    for place, row in listing.source.table(TAXA, "label"):
        label = listing.label(row["label"], place)
        if label in seen:
            raise DataSetError(f"{place}: the label {label} was there before ({seen[label]}).")
        seen[label] = place
        ranks = {rank: row.get(rank, "") for rank in RANKS}
        names = {language: row.get(f"name_{language}", "") for language in ("en", "es")}
        if taxon := taxon_of(place, ranks, names):
            yield label, taxon
    if strange := [label for label in seen if label not in known]:
        listing.notes.append(
            f"{TAXA} has {len(strange)} labels that no photograph has, {strange[0]} first."
        )


def _folders(source: Source) -> list[str]:
    """The folders at the top that hold photographs."""
    return sorted({name.split("/")[0] for name in source.pictures if "/" in name})


def _is_split(source: Source, name: str) -> bool:
    """Whether a folder is called like a split and holds folders."""
    return name.lower() in SPLIT_OF and any(
        each.startswith(f"{name}/") and each.count("/") > 1 for each in source.pictures
    )


def _refuse_links(source: Source) -> None:
    if source.outside:
        raise DataSetError(f"{source.outside[0]}: the link leads out of the folder.")
