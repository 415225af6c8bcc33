"""From an archive to a data set of our own: looked at, and every photograph written anew.

What is kept is upright, in sRGB, no larger than it takes to learn from, and carries nothing but
pixels: no place, no camera, no comment. Imports no torch.
"""

import csv
import math
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.colour_profiles import SRGB
from models.images import PictureError, open_picture, resize
from models.species.taxonomy import RANKS
from models.steps import told
from models.training.archive import ArchiveLimits, unpack
from models.training.dataset import DataSet, DataSetError
from models.training.inspection import Inspection, Seen, inspect
from models.training.looking import Looked
from models.training.reading import read_data_set

SHORTER_SIDE = 512
"""Pixels that are kept at most; the largest square that a network looks at."""
QUALITY = 92
UNPACKED, LOOKED = 0.1, 0.4
"""How much of the time has passed when a part is done."""


@dataclass(frozen=True)
class Progress:
    """How far it is. `fraction` is of the whole, 0 to 1; `message` is for a person."""

    message: str
    step: int
    steps: int
    fraction: float


def take_in(
    archive: Path, folder: Path, limits: ArchiveLimits
) -> Generator[Progress, None, dict[str, Any]]:
    """Make `folder` a data set of what the archive holds; returns its `Inspection.record()`.

    The folder appears when it is complete, in place of an earlier one; the archive stays. Raises
    `DataSetError`. However it ends, it leaves no other file beside the folder.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f".{folder.name}.*"):  # by a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    aside = folder.parent / f".{folder.name}.{secrets.token_hex(4)}"
    try:
        (aside / "archive").mkdir(parents=True)
        for done, total in unpack(archive, aside / "archive", limits):
            yield Progress("Unpacking", done, total, UNPACKED * done / total)
        inspection = yield from looked_at(read_data_set(aside / "archive"))
        yield from write(inspection, aside / "clean")
        shutil.rmtree(folder, ignore_errors=True)
        (aside / "clean").rename(folder)
        return inspection.record()
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def looked_at(data_set: DataSet) -> Generator[Progress, None, Inspection]:
    """Raises `DataSetError`, also for a class of which one photograph is left."""

    def tell(seen: Seen) -> Progress:
        fraction = UNPACKED + (LOOKED - UNPACKED) * seen.done / seen.total
        return Progress("Looking at the photographs", seen.done, seen.total, fraction)

    inspection = yield from told(inspect(data_set), tell)
    sizes = Counter(photograph.label for photograph in inspection.photographs)
    for label, size in sizes.items():
        if size == 1:
            raise DataSetError(f"Only one photograph of {label} can be used: a class needs two.")
    return inspection


def write(inspection: Inspection, folder: Path) -> Generator[Progress, None, None]:
    """The photographs that can be used, `split.csv` with their labels and `taxa.csv`."""
    pictures = folder / "photographs"
    pictures.mkdir(parents=True)
    total, threads = len(inspection.photographs), os.cpu_count() or 1
    names = [f"photographs/{number:06}.jpg" for number in range(1, total + 1)]

    def write_one(index: int) -> None:
        photograph = inspection.photographs[index]
        try:
            write_clean(photograph.path, folder / names[index], inspection.looked[index])
        except PictureError as wrong:
            name = inspection.data_set.relative(photograph.path)
            raise DataSetError(f"{name}: {wrong.message}") from wrong

    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, total, 4 * threads):
            done = min(total, start + 4 * threads)
            list(pool.map(write_one, range(start, done)))
            fraction = LOOKED + (1.0 - LOOKED) * done / total
            yield Progress("Writing the photographs", done, total, fraction)
    write_tables(inspection, names, folder)


def write_clean(source: Path, target: Path, looked: Looked) -> None:
    """A photograph as a JPEG of pixels alone. Raises `PictureError`."""
    width, height = looked.width, looked.height
    scale = min(1.0, SHORTER_SIDE / min(width, height))
    picture = open_picture(source, longer_side=math.ceil(scale * max(width, height)))
    scale = min(1.0, SHORTER_SIDE / min(picture.size))
    picture = resize(picture, *(max(1, round(scale * side)) for side in picture.size))
    picture.save(target, "JPEG", quality=QUALITY, icc_profile=SRGB)


def write_tables(inspection: Inspection, names: list[str], folder: Path) -> None:
    with (folder / "split.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("path", "label", "split", "observation"))
        for name, each in zip(names, inspection.photographs, strict=True):
            rows.writerow((name, each.label, each.split, each.observation))
    if not inspection.data_set.taxa:
        return
    with (folder / "taxa.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("label", *RANKS, "name_en", "name_es"))
        for label, taxon in inspection.data_set.taxa.items():
            ranks = (taxon.known_ranks.get(rank, "") for rank in RANKS)
            rows.writerow((label, *ranks, taxon.names.get("en", ""), taxon.names.get("es", "")))
