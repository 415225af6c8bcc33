"""Data sets in miniature, written to disk in each format: real photographs, a few pixels large."""

import csv
import json
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models.training.dataset import DataSet


def picture(seed: int, width: int = 96, height: int = 72) -> Image.Image:
    """A picture of soft blotches: another for each seed, like no other."""
    blotches = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    return Image.fromarray(blotches).resize((width, height), Image.Resampling.BICUBIC)


def photograph(path: Path, seed: int, **saving: Any) -> Path:
    """The picture of that seed as a file, in the format of the path's ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = BytesIO()
    endings = {".png": "PNG", ".webp": "WEBP", ".tif": "TIFF"}
    picture(seed).save(data, endings.get(path.suffix.lower(), "JPEG"), **saving)
    path.write_bytes(data.getvalue())
    return path


def photographs(folder: Path, names: Iterable[str], first: int = 0) -> Path:
    for seed, name in enumerate(names, first):
        photograph(folder / name, seed)
    return folder


def table(path: Path, *rows: Sequence[str], delimiter: str = ",") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)


def told(data_set: DataSet) -> list[tuple[str, str, str, str]]:
    """What a data set says of its photographs: path, label, split and observation, in order."""
    return sorted(
        (data_set.relative(each.path), each.label, each.split, each.observation)
        for each in data_set.photographs
    )


FLOWERS = ("Rose/1.jpg", "Rose/2.jpg", "Lily/1.jpg", "Lily/2.jpg")


def classes(folder: Path) -> Path:
    """A folder a class."""
    return photographs(folder, FLOWERS)


def split_list(folder: Path) -> Path:
    """`split.csv` beside folders, with observations, and what the labels mean."""
    photographs(folder, FLOWERS)
    table(
        folder / "split.csv",
        ("path", "label", "split", "observation"),
        ("Rose/1.jpg", "Rose", "train", "a"),
        ("Rose/2.jpg", "Rose", "val", ""),
        ("Lily/1.jpg", "Lily", "train", "b"),
        ("Lily/2.jpg", "Lily", "test", "c"),
    )
    table(
        folder / "taxa.csv",
        ("label", "genus", "species", "name_en", "name_es"),
        ("Rose", "Rosa", "Rosa canina", "Dog rose", "Rosal silvestre"),
        ("Lily", "Lilium", "martagon", "", ""),
    )
    return folder


def synsets(folder: Path) -> Path:
    """The course's lists; photographs in `images`, one with blanks in its path."""
    photographs(folder / "images", ("a/1.jpg", "a/my first rose.jpg", "b/1.jpg", "b/2.jpg"))
    (folder / "synsets.txt").write_text("Rosa canina\nLilium martagon\n", "utf-8")
    (folder / "train.txt").write_text("a/1.jpg 0\nimages/b/1.jpg 1\n", "utf-8")
    (folder / "val.txt").write_text("a/my first rose.jpg 0\nb/2.jpg\t1\n", "utf-8")
    (folder / "info.txt").write_text("nothing that is read\n", "utf-8")
    return folder


def plantnet(folder: Path, stem: str = "images_") -> Path:
    """Pl@ntNet-300K with two species."""
    photographs(
        folder,
        (f"{stem}train/1355/aa.jpg", f"{stem}train/1356/bb.jpg",
         f"{stem}val/1355/cc.jpg", f"{stem}test/1356/dd.jpg"),
    )  # fmt: skip
    species = {"aa": "1355", "bb": "1356", "cc": "1355", "dd": "1356"}
    metadata = {
        key: {"species_id": of, "obs_id": f"9{key}", "author": "A. Bee", "license": "cc-by-sa"}
        for key, of in species.items()
    }
    (folder / "plantnet300K_metadata.json").write_text(json.dumps(metadata), "utf-8")
    names = {"1355": "Lactuca virosa L.", "1356": "Mentha × piperita L."}
    (folder / "plantnet300K_species_id_2_name.json").write_text(json.dumps(names), "utf-8")
    return folder


LINEAGE = {
    "kingdom": "Animalia", "phylum": "Arthropoda", "class": "Insecta", "order": "Lepidoptera",
    "family": "Nymphalidae",
}  # fmt: skip


def inaturalist_json(numbers: Sequence[int]) -> dict[str, Any]:
    """The JSON of a split with these photographs; even ones are monarchs, odd ones ladies."""
    return {
        "images": [
            {"id": number, "file_name": f"pictures/{number}.jpg", "date": "2020-05-17 10:00:00",
             "latitude": 40.4, "longitude": -3.7 if number < 4 else None}
            for number in numbers
        ],
        "annotations": [
            {"id": 100 + number, "image_id": number, "category_id": number % 2}
            for number in numbers
        ],
        "categories": [
            LINEAGE | {"id": 0, "genus": "Danaus", "name": "Danaus plexippus",
                       "common_name": "Monarch"},
            LINEAGE | {"id": 1, "genus": "Vanessa", "name": "Vanessa cardui",
                       "common_name": "Painted lady"},
        ],
    }  # fmt: skip


def inaturalist(folder: Path) -> Path:
    photographs(folder, (f"pictures/{number}.jpg" for number in range(6)))
    for name, numbers in (("train_mini", (0, 1, 2)), ("val", (3, 4, 5))):
        (folder / f"{name}.json").write_text(json.dumps(inaturalist_json(numbers)), "utf-8")
    return folder


META = """<?xml version="1.0" encoding="UTF-8"?>
<archive xmlns="http://rs.tdwg.org/dwc/text/">
  <core encoding="UTF-8" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" fieldsEnclosedBy=""
        ignoreHeaderLines="1" rowType="http://rs.tdwg.org/dwc/terms/Occurrence">
    <files><location>occurrence.txt</location></files>
    <id index="0"/>
    <field index="1" term="http://rs.tdwg.org/dwc/terms/occurrenceID"/>
    <field index="2" term="http://rs.tdwg.org/dwc/terms/scientificName"/>
    <field index="3" term="http://rs.tdwg.org/dwc/terms/family"/>
    <field term="http://rs.tdwg.org/dwc/terms/kingdom" default="Animalia"/>
  </core>
  <extension encoding="UTF-8" fieldsTerminatedBy="," linesTerminatedBy="\\n" fieldsEnclosedBy='"'
             ignoreHeaderLines="1" rowType="http://rs.gbif.org/terms/1.0/Multimedia">
    <files><location>multimedia.txt</location></files>
    <coreid index="0"/>
    <field index="2" term="http://purl.org/dc/terms/identifier"/>
  </extension>
</archive>
"""


def darwin_core(folder: Path) -> Path:
    """Occurrences parted by tabs, media by commas; one of the media is on the web only."""
    photographs(folder, ("media/m1.jpg", "media/m2.jpg", "media/l 1.jpg", "media/l2.jpg"))
    (folder / "meta.xml").write_text(META, "utf-8")
    table(
        folder / "occurrence.txt",
        ("id", "occurrenceID", "scientificName", "family"),
        ("1", "urn:x:1", "Danaus plexippus (Linnaeus, 1758)", "Nymphalidae"),
        ("2", "urn:x:2", "Vanessa cardui", "Nymphalidae"),
        ("3", "", "Vanessa cardui", "Nymphalidae"),
        delimiter="\t",
    )
    table(
        folder / "multimedia.txt",
        ("coreid", "title", "identifier"),
        ("1", "above, open", "media/m1.jpg"),
        ("1", 'called "M2"', "https://example.org/x/m2.jpg?size=large"),
        ("2", "", "media/l 1.jpg"),
        ("3", "", "media/l2.jpg"),
        ("3", "", "https://example.org/elsewhere.jpg"),
    )
    return folder
