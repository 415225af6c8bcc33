"""A Darwin Core Archive, unpacked: occurrences, and a table of the media that show them.

What a museum or GBIF gives away. Only media that lie in the archive are read; nothing is fetched.
"""

import re
from collections import defaultdict
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from models.species.taxonomy import RANKS, Taxon
from models.training.dataset import DataSet, DataSetError
from models.training.readers.darwin_core_tables import META, rows, tables
from models.training.readers.listing import Listing, taxon_of
from models.training.readers.source import LONGEST, PICTURES, Source

MEDIA = ("Multimedia", "SimpleMultimedia", "Image")
BINOMIAL = re.compile(r"[A-Z][\w-]+ (?:[×x] ?)?[a-z][\w-]+")
Terms = dict[str, str]


def matches(folder: Path) -> bool:
    return (folder / META).is_file()


def read(folder: Path) -> DataSet:
    """Raises `DataSetError`."""
    source = Source(folder)
    listing = Listing(source)
    core, extensions = tables(source)
    if core.row_type != "Occurrence":
        raise DataSetError(f"{META}: the core is not of occurrences but of {core.row_type!r}.")
    media = [table for table in extensions if table.row_type in MEDIA]
    if not media:
        raise DataSetError(f"{META}: there is no extension of multimedia.")
    occurrences = {key: (place, terms) for place, key, terms in rows(source, core)}
    by_name = defaultdict(list)
    for path in source.pictures.values():
        by_name[path.name].append(path)
    taxa: dict[str, Taxon] = {}
    absent = 0
    for place, key, terms in (row for table in media for row in rows(source, table)):
        if key not in occurrences:
            raise DataSetError(f"{place}: there is no occurrence {key[:LONGEST]!r}.")
        where, occurrence = occurrences[key]
        identifier = terms.get("identifier") or terms.get("accessURI", "")
        file = _file(source, by_name, identifier, place)
        if file is None:
            absent += 1
        elif file.suffix.lower() in PICTURES:
            label = listing.label(_name(occurrence), where)
            listing.add(file, label, place, observation=occurrence.get("occurrenceID") or key)
            if label not in taxa and (taxon := _taxon(occurrence, label, where)):
                taxa[label] = taxon
    if absent:
        listing.notes.append(f"{absent} media files are on the web only and were left out.")
    return listing.data_set(taxa)


def _file(
    source: Source, by_name: dict[str, list[Path]], identifier: str, place: str
) -> Path | None:
    """The media file; None where it is on the web and no single file here has its name."""
    if not identifier.lower().startswith(("http://", "https://")):
        return source.find(identifier, place)
    name = PurePosixPath(unquote(urlsplit(identifier).path)).name
    found = by_name.get(name, [])
    return found[0] if len(found) == 1 else None


def _name(occurrence: Terms) -> str:
    """The scientific name without its author, where the author is told apart."""
    author = occurrence.get("scientificNameAuthorship", "")
    return occurrence.get("scientificName", "").removesuffix(author)


def _taxon(occurrence: Terms, label: str, place: str) -> Taxon | None:
    ranks = {rank: occurrence.get(rank, "") for rank in RANKS[:-1]}
    if found := BINOMIAL.match(label):
        ranks |= {"species": found[0], "genus": ranks["genus"] or found[0].split()[0]}
    return taxon_of(place, ranks, {})
