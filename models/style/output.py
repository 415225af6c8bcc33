"""A finished painting as a file: its format, its colour profile, and how to repaint it.

Nothing else is in the file: no place, no camera, no name. Imports no torch.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from models.colour_profiles import SRGB
from models.style.options import PaintOptions

DESCRIPTION, SOFTWARE = 0x010E, 0x0131  # tags that EXIF took from TIFF
QUALITY = 92


@dataclass(frozen=True)
class Format:
    """A kind of file. The first ending is the one that we write."""

    endings: tuple[str, ...]
    media_type: str
    pillow: str
    how: dict[str, Any]
    """What Pillow is told when it writes one."""


FORMATS = {
    "png": Format((".png",), "image/png", "PNG", {}),
    "jpeg": Format((".jpg", ".jpeg"), "image/jpeg", "JPEG", {"quality": QUALITY}),
    "webp": Format((".webp",), "image/webp", "WEBP", {"quality": QUALITY}),
    "tiff": Format((".tif", ".tiff"), "image/tiff", "TIFF", {"compression": "tiff_adobe_deflate"}),
    "tiff16": Format((".tif", ".tiff"), "image/tiff", "TIFF", {}),
}


class NotRepaintable(ValueError):
    """A file that does not say how it was painted."""


class Painting(Protocol):
    """What is painted: the engine's last `Step`."""

    def picture(self) -> Image.Image: ...

    def pixels(self) -> npt.NDArray[np.float32]: ...


def write_painting(painting: Painting, options: PaintOptions, file: BinaryIO) -> None:
    """Write it as `options.format` says, in sRGB, with the settings if `options.metadata`."""
    note = json.dumps(options.as_dict()) if options.metadata else ""
    if options.format == "tiff16":
        _write_sixteen_bits(painting.pixels(), note, file)
    else:
        kind = FORMATS[options.format]
        exif = _exif(note)
        painting.picture().save(file, kind.pillow, icc_profile=SRGB, exif=exif, **kind.how)


def settings_in(path: Path) -> PaintOptions:
    """The settings that a painting's file tells.

    Raises `NotRepaintable`, or `InvalidOption` if another version wrote what this one does not
    take, or `OSError`.
    """
    try:
        with Image.open(path) as image:
            told = json.loads(image.getexif().get(DESCRIPTION, ""))
    except (UnidentifiedImageError, ValueError, SyntaxError):
        told = None
    if not isinstance(told, dict):
        raise NotRepaintable(f"{path} does not say how it was painted.")
    return PaintOptions.parse(told)


def _exif(note: str) -> Image.Exif:
    exif = Image.Exif()
    if note:
        exif[DESCRIPTION], exif[SOFTWARE] = note, "Merian"
    return exif


def _write_sixteen_bits(pixels: npt.NDArray[np.float32], note: str, file: BinaryIO) -> None:
    """Pillow has no pictures of three channels with 16 bits."""
    from tifffile import imwrite  # here: the web process reads FORMATS and writes nothing

    values = np.empty(pixels.shape, np.uint16)
    for row, target in zip(pixels, values, strict=True):  # a large picture is not copied whole
        target[:] = np.rint(row * np.float32(65535.0))
    about = {"description": note, "software": "Merian"} if note else {"software": False}
    imwrite(
        file, values, photometric="rgb", compression="zlib", predictor=True, iccprofile=SRGB,
        metadata=None, **about,
    )  # fmt: skip
