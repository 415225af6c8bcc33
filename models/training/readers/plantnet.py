"""Pl@ntNet-300K (Garcin et al., NeurIPS Datasets and Benchmarks 2021).

A folder a species in one a split, and two JSON files: what each photograph belongs to, and what
the species are called.
"""

import re
from pathlib import Path
from typing import Any

from models.species.taxonomy import Taxon
from models.training.dataset import DataSet, DataSetError
from models.training.readers.listing import Listing, taxon_of
from models.training.readers.source import Source

METADATA = "plantnet300K_metadata.json"
NAMES = "plantnet300K_species_id_2_name.json"
PLACE = re.compile(r"(?:images[_/])?(train|val|test)/([^/]+)/(?:[^/]+/)*[^/]+")
BINOMIAL = re.compile(r"([A-Z][\w-]+) (?:[×x] ?)?[a-z][\w-]+")


def matches(folder: Path) -> bool:
    return (folder / METADATA).is_file()


def read(folder: Path) -> DataSet:
    """Raises `DataSetError`."""
    listing = Listing(Source(folder))
    if listing.source.outside:
        raise DataSetError(f"{listing.source.outside[0]}: the link leads out of the folder.")
    metadata = listing.source.json(METADATA)
    names = listing.source.json(NAMES) if (folder / NAMES).is_file() else {}
    taxa: dict[str, Taxon] = {}
    absent = set(metadata)
    for name, path in listing.source.pictures.items():
        if not (found := PLACE.fullmatch(name)):
            raise DataSetError(f"{name}: the photograph is in no species' folder of a split.")
        split, species = found.groups()
        about = _about(metadata, path.stem)
        if (told := str(about.get("species_id", species))) != species:
            raise DataSetError(f"{name}: {METADATA} says that the species is {told[:200]!r}.")
        label = listing.label(_name(names, species), name)
        listing.add(path, label, name, split, str(about.get("obs_id", "")))
        if label not in taxa and (taxon := _taxon(label)):
            taxa[label] = taxon
        absent.discard(path.stem)
    if absent:
        listing.notes.append(f"{len(absent)} photographs of {METADATA} are not there.")
    return listing.data_set(taxa)


def _about(metadata: dict[str, Any], photograph: str) -> dict[str, Any]:
    about = metadata.get(photograph, {})
    if not isinstance(about, dict):
        raise DataSetError(f"{METADATA}: what it says of {photograph} is not an object.")
    return about


def _name(names: dict[str, Any], species: str) -> str:
    name = names.get(species, species)
    if not isinstance(name, str):
        raise DataSetError(f"{NAMES}: the name of {species} is not text.")
    return name


def _taxon(name: str) -> Taxon | None:
    """Of a name with its author; None of a bare number."""
    if not (found := BINOMIAL.match(name)):
        return None
    ranks = {"kingdom": "Plantae", "genus": found[1], "species": found[0]}
    return taxon_of(NAMES, ranks, {})
