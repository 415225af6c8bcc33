"""A painting as a file: every format, the settings in it, and nothing else."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from tifffile import TiffFile

from models.colour_profiles import SRGB
from models.images import open_picture
from models.options import InvalidOption
from models.style.options import PaintOptions
from models.style.output import FORMATS, NotRepaintable, settings_in, write_painting


@dataclass
class Ramp:
    """A painting whose red grows to the right in steps finer than 8 bits can tell."""

    width: int = 700
    height: int = 20

    def pixels(self) -> npt.NDArray[np.float32]:
        x = np.linspace(0, 1, self.width, dtype=np.float32)
        return np.stack(
            [np.broadcast_to(x, (self.height, self.width)) * k for k in (1, 0.5, 0.2)], 2
        )

    def picture(self) -> Image.Image:
        return Image.fromarray(np.rint(self.pixels() * 255).astype(np.uint8))


CHOSEN = {"seed": 7, "strength": 0.3, "layers": "stem=1,4=0.5", "style_weights": "2,1"}


def written(path: Path, **options: object) -> PaintOptions:
    chosen = PaintOptions.parse(CHOSEN | options)
    with path.open("wb") as file:
        write_painting(Ramp(), chosen, file)
    return chosen


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_srgb_upright_and_repaintable(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"painting{FORMATS[format].endings[0]}"
    chosen = written(path, format=format)
    assert settings_in(path) == chosen
    with Image.open(path) as file:
        assert file.info["icc_profile"] == SRGB
        assert Image.MIME[str(file.format)] == FORMATS[format].media_type
        assert 0x0112 not in file.getexif()  # no orientation: the pixels are upright
    away = np.asarray(open_picture(path), float) - np.asarray(Ramp().picture(), float)
    assert np.abs(away).mean() < 3


@pytest.mark.parametrize("format", FORMATS)
def test_without_metadata_a_file_tells_nothing(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"painting{FORMATS[format].endings[0]}"
    written(path, format=format, metadata=False)
    with pytest.raises(NotRepaintable, match="painting"):
        settings_in(path)
    for word in (b"strength", b"Merian", b"seed", b"tifffile"):
        assert word not in path.read_bytes()


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_tells_settings_and_nothing_else(tmp_path: Path, format: str) -> None:
    path = tmp_path / f"painting{FORMATS[format].endings[0]}"
    written(path, format=format)
    with Image.open(path) as file:
        told = dict(file.getexif())
        assert not {"xmp", "comment", "photoshop"} & set(file.info)
    structure = {256, 257, 258, 259, 262, 273, 277, 278, 279, 282, 283, 284, 296, 317, 34675}
    assert set(told) - structure == {0x010E, 0x0131}
    assert told[0x0131] == "Merian"


def test_sixteen_bits_are_kept(tmp_path: Path) -> None:
    written(tmp_path / "fine.tif", format="tiff16")
    with TiffFile(tmp_path / "fine.tif") as file:
        values = file.asarray()
    assert values.dtype == np.uint16
    assert np.array_equal(values, np.rint(Ramp().pixels() * 65535).astype(np.uint16))
    assert len(np.unique(values[..., 0])) == 700


def test_the_same_painting_is_the_same_file() -> None:
    for format in FORMATS:
        one, other = BytesIO(), BytesIO()
        for file in (one, other):
            write_painting(Ramp(), PaintOptions(format=format), file)
        assert one.getvalue() == other.getvalue()


@pytest.mark.parametrize("note", ["", "a holiday", "[1, 2]", "{"])
def test_a_picture_of_someone_else_is_told(tmp_path: Path, note: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = note
    Image.new("RGB", (20, 20)).save(tmp_path / "theirs.jpg", exif=exif)
    with pytest.raises(NotRepaintable, match=r"theirs\.jpg"):
        settings_in(tmp_path / "theirs.jpg")
    (tmp_path / "words.txt").write_text("no picture")
    with pytest.raises(NotRepaintable):
        settings_in(tmp_path / "words.txt")


def test_settings_of_another_version_are_named(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = '{"varnish": 3}'
    Image.new("RGB", (20, 20)).save(tmp_path / "later.png", exif=exif)
    with pytest.raises(InvalidOption, match="varnish"):
        settings_in(tmp_path / "later.png")
