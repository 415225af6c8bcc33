"""When and where a photograph was taken."""

from pathlib import Path

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from models.exif import EXIF, GPS, TAKEN, Occasion, occasion_of


def photograph(folder: Path, taken: object = None, place: dict[int, object] | None = None) -> Path:
    exif = Image.Exif()
    if taken is not None:
        exif.get_ifd(EXIF)[TAKEN] = taken
    if place:
        exif.get_ifd(GPS).update(place)
    path = folder / "photograph.jpg"
    Image.new("RGB", (20, 20)).save(path, exif=exif)
    return path


def test_date_and_place(tmp_path: Path) -> None:
    angle = IFDRational(3, 1), IFDRational(30, 1), IFDRational(36, 1)
    path = photograph(
        tmp_path, "2026:05:04 12:30:01", {1: "S", 2: angle, 3: "W", 4: angle}
    )  # fmt: skip
    assert occasion_of(path) == Occasion("2026-05-04T12:30:01", -3.51, -3.51)


def test_a_photograph_that_tells_nothing(tmp_path: Path) -> None:
    assert occasion_of(photograph(tmp_path)) == Occasion()


@pytest.mark.parametrize("taken", ["0000:00:00 00:00:00", "yesterday", ""])
def test_a_date_that_is_none(tmp_path: Path, taken: str) -> None:
    assert occasion_of(photograph(tmp_path, taken)).date is None


@pytest.mark.parametrize(
    "angle", [(IFDRational(0, 0),) * 3, (IFDRational(400, 1),) * 3, (IFDRational(1, 1),)]
)
def test_a_place_that_is_none(tmp_path: Path, angle: tuple[IFDRational, ...]) -> None:
    path = photograph(tmp_path, place={1: "N", 2: angle, 3: "E", 4: angle})
    assert occasion_of(path) == Occasion()


def test_what_is_no_picture_tells_nothing(tmp_path: Path) -> None:
    path = tmp_path / "notes.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe1 no exif")
    assert occasion_of(path) == Occasion()
