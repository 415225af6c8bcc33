"""From an archive to a data set of our own, and back by the same reader."""

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from models.steps import outcome
from models.training.archive import ArchiveLimits
from models.training.dataset import DataSetError
from models.training.reading import read_data_set
from models.training.taking_in import Progress, take_in

LIMITS = ArchiveLimits(max_bytes=50_000_000, max_files=100)
Entries = dict[str, bytes]


def photograph(
    seed: int, width: int = 96, height: int = 64, kind: str = "JPEG", **how: Any
) -> bytes:
    small = np.random.default_rng(seed).integers(0, 255, (4, 6, 3), dtype=np.uint8)
    file = BytesIO()
    picture = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    picture.save(file, kind, **how)
    return file.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "job" / "dataset"


def zipped(tmp_path: Path, entries: Entries) -> Path:
    path = tmp_path / "archive.zip"
    with ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return path


def taken(archive: Path, folder: Path) -> tuple[list[Progress], dict[str, Any]]:
    told: list[Progress] = []
    report = outcome(take_in(archive, folder, LIMITS), told.append)
    return told, report


def beside(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.parent.iterdir())


def two_classes(**more: bytes) -> Entries:
    return {f"{name}/{i}.jpg": photograph(10 * i + len(name)) for name in ("rose", "tulip")
            for i in range(3)} | more  # fmt: skip


def test_what_is_written_is_read_again_as_it_was(tmp_path: Path, folder: Path) -> None:
    table = "path,label,split,observation\n"
    rows = [
        ("a/1.jpg", "Rosa canina", "train", "o1"), ("a/2.jpg", "Rosa canina", "val", ""),
        ("b/1.png", "la_flor, roja", "test", "o2"), ("b/2.jpg", "la_flor, roja", "", "o2"),
    ]  # fmt: skip
    table += "".join(f'{path},"{label}",{split},{seen}\n' for path, label, split, seen in rows)
    taxa = "label,kingdom,family,species,name_en,name_es\n" + (
        "Rosa canina,Plantae,Rosaceae,Rosa canina,dog rose,escaramujo\n"
    )
    pictures = {
        path: photograph(i, kind="PNG" if path.endswith("png") else "JPEG")
        for i, (path, *_) in enumerate(rows)
    }
    archive = zipped(
        tmp_path,
        {f"around/{name}": data for name, data in pictures.items()}
        | {"around/split.csv": table.encode(), "around/taxa.csv": taxa.encode()},
    )
    told, report = taken(archive, folder)
    again = read_data_set(folder)
    found = [(each.label, each.split, each.observation) for each in again.photographs]
    assert found == [row[1:] for row in rows]
    assert again.relative(again.photographs[0].path) == "photographs/000001.jpg"
    taxon = again.taxa["Rosa canina"]
    assert (taxon.scientific_name, taxon.rank) == ("Rosa canina", "species")
    assert taxon.known_ranks["family"] == "Rosaceae"
    assert taxon.names == {"en": "dog rose", "es": "escaramujo"}
    assert (report["photographs"], report["classes"]) == (4, 2)
    assert report["counts"]["Rosa canina"] == {"train": 1, "val": 1, "test": 0, "all": 2}
    assert [step.fraction for step in told] == sorted(step.fraction for step in told)
    assert told[-1].fraction == 1.0
    assert list(dict.fromkeys(step.message for step in told)) == [
        "Unpacking", "Looking at the photographs", "Writing the photographs",
    ]  # fmt: skip
    assert beside(folder) == ["dataset"]


def test_photographs_lose_their_secrets_and_what_is_too_large(tmp_path: Path, folder: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "a camera"
    exif.get_ifd(0x8825)[1] = "N"
    large = photograph(1, 1600, 900, exif=exif, comment=b"at home")
    taken(zipped(tmp_path, {"rose/large.jpg": large, **two_classes()}), folder)
    by_size = {}
    for path in (folder / "photographs").iterdir():
        with Image.open(path) as picture:
            assert picture.mode == "RGB" and not picture.getexif()
            assert set(picture.info) <= {"icc_profile", "jfif", "jfif_version", "jfif_unit",
                                         "jfif_density"}  # fmt: skip
            by_size.setdefault(picture.size, path)
            shown = np.asarray(picture, dtype=float)
            if picture.size == (512, 910):
                kept = shown
    assert set(by_size) == {(512, 910), (96, 64)}
    with Image.open(BytesIO(large)) as original:
        upright = original.transpose(Image.Transpose.ROTATE_270).resize((512, 910))
    assert np.abs(kept - np.asarray(upright, dtype=float)).mean() < 3.0


def test_what_is_broken_is_left_out_and_told(tmp_path: Path, folder: Path) -> None:
    whole = photograph(99)
    entries = two_classes() | {"rose/cut.jpg": whole[: len(whole) // 2], "tulip/text.jpg": b"text"}
    _, report = taken(zipped(tmp_path, entries), folder)
    assert [each["file"] for each in report["broken"]] == ["rose/cut.jpg", "tulip/text.jpg"]
    assert len(list((folder / "photographs").iterdir())) == 6 == report["photographs"]
    assert len(read_data_set(folder).photographs) == 6


@pytest.mark.parametrize(
    ("entries", "part"),
    [
        ({"readme.txt": b"nothing"}, "^archive "),
        ({"rose/1.jpg": photograph(1), "rose/2.jpg": photograph(2)}, "one class"),
        ({"../rose/1.jpg": photograph(1)}, "outside of itself"),
        (
            {"rose/1.jpg": photograph(1), "rose/2.jpg": b"", "tulip/1.jpg": photograph(3),
             "tulip/2.jpg": photograph(4)},
            "Only one photograph of rose",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_used_leaves_nothing(
    tmp_path: Path, folder: Path, entries: Entries, part: str
) -> None:
    with pytest.raises(DataSetError, match=part):
        taken(zipped(tmp_path, entries), folder)
    assert beside(folder) == []


def test_who_stops_half_way_leaves_what_was_there(tmp_path: Path, folder: Path) -> None:
    archive = zipped(tmp_path, two_classes())
    total = len(taken(archive, folder)[0])
    before = sorted(path.name for path in folder.rglob("*"))
    (folder.parent / ".dataset.0000").mkdir()  # of a process that was killed
    for stop in range(1, total):
        steps = take_in(archive, folder, LIMITS)
        for _ in range(stop):
            next(steps)
        assert len(beside(folder)) == 2
        steps.close()
        assert beside(folder) == ["dataset"]
        assert sorted(path.name for path in folder.rglob("*")) == before
