"""Pictures in: any common file to a clean RGB picture.

A picture that leaves `open_picture` is upright, in sRGB, eight bits a channel, without
transparency and without metadata. Imports no torch: the web process decodes here too.
"""

import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pillow_heif
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from models.colour_profiles import is_srgb, to_srgb
from models.jpeg import Bare, bare

pillow_heif.register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "TIFF")

ORIENTATION = 0x0112
BEGINNING = 4096
"""Bytes of a JPEG's scan that are decoded to see whether it can be."""

# How files of those formats begin: such a file that cannot be opened is a damaged picture,
# any other is not a picture.
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"GIF8", b"II*\x00", b"MM\x00*")
FOREIGN = {b"BM": "BMP", b"%PDF": "PDF", b"8BPS": "Photoshop", b"%!PS": "PostScript"}


class PictureError(ValueError):
    """A file that cannot be used as a picture. `code` is for programs, `message` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Limits:
    """How large and how small a picture may be; checked before anything is decoded."""

    max_pixels: int = 40_000_000
    min_side: int = 16

    def check(self, width: int, height: int) -> None:
        if width * height > self.max_pixels:
            raise PictureError(
                "too_many_pixels",
                f"The picture has {width} x {height} pixels; "
                f"the limit is {self.max_pixels / 1e6:g} million.",
            )
        if min(width, height) < self.min_side:
            raise PictureError(
                "too_small",
                f"The picture is {width} x {height} pixels; "
                f"each side needs at least {self.min_side}.",
            )


def open_picture(
    source: str | Path | BinaryIO, limits: Limits | None = None, longer_side: int | None = None
) -> Image.Image:
    """Decode the first frame of `source` as a clean picture: RGB, upright, sRGB, no metadata.

    With `longer_side` (pixels) a JPEG may be decoded at a fraction of its size, never below
    that; other formats, and callers that name no size, get every pixel.
    Raises `PictureError` with one of the codes empty_file, not_a_picture, unsupported_format,
    truncated, too_many_pixels, too_small.
    """
    data = Path(source).read_bytes() if isinstance(source, (str, Path)) else source.read()
    if not data:
        raise PictureError("empty_file", "The file is empty.")
    with _opened(data) as image:
        (limits or Limits()).check(*image.size)
        if longer_side is not None and image.format == "JPEG":
            shrink = longer_side / max(image.size)
            image.draft(image.mode, (round(image.width * shrink), round(image.height * shrink)))
        return _clean(_decoded(image))


def picture_as_sent(data: bytes, limits: Limits) -> tuple[Bare, int, int] | None:
    """The file with nothing but its picture in it, and its width and height in pixels.

    None where it must be decoded and written anew to be a clean picture: what is not a plain JPEG
    in RGB, lies on its side, or has colours of its own. Only the beginning of its scan is decoded:
    that shows tables that are wrong, and damage further on is no error to a decoder, which goes
    on with the next cell. Raises `PictureError` where it is too large or too small, or damaged.
    """
    plain = bare(data)
    if plain is None:
        return None
    with _opened(data) as image:
        limits.check(*image.size)
        if image.format != "JPEG" or image.getexif().get(ORIENTATION, 1) != 1:
            return None
        if not is_srgb(image.info.get("icc_profile")):
            return None
    with _opened(b"".join(plain.parts(BEGINNING))) as image:
        width, height = image.size
        image.draft("RGB", (width // 8, height // 8))
        if image.mode != "RGB":
            return None
        _decoded(image)
    return plain, width, height


def _opened(data: bytes) -> ImageFile.ImageFile:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # Limits decides
            return Image.open(BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise PictureError("too_many_pixels", "The picture has far too many pixels.") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise _refusal(data) from None


def _refusal(data: bytes) -> PictureError:
    """Why a file that did not open was refused."""
    kinds = "Use JPEG, PNG, WebP, AVIF, HEIC, GIF or TIFF."
    head = data[:1024].lstrip().lower()
    if head.startswith((b"<svg", b"<?xml")) and b"<svg" in data[:4096].lower():
        return PictureError("unsupported_format", f"SVG drawings cannot be used. {kinds}")
    for signature, name in FOREIGN.items():
        if data.startswith(signature):
            return PictureError("unsupported_format", f"{name} files cannot be used. {kinds}")
    if data.startswith(SIGNATURES) or data[4:8] == b"ftyp":
        return PictureError("truncated", "The picture is damaged or was cut off on its way.")
    return PictureError("not_a_picture", f"The file is not a picture. {kinds}")


def _decoded(image: ImageFile.ImageFile) -> Image.Image:
    try:
        image.seek(0)
        image.load()
        return ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError) as error:
        # Decoders of damaged files fail in all of these ways.
        raise PictureError(
            "truncated", "The picture is damaged or was cut off on its way."
        ) from error


def _clean(image: Image.Image) -> Image.Image:
    """RGB in sRGB over white, nothing but pixels."""
    profile = image.info.get("icc_profile")
    alpha = None
    if image.mode.startswith(("I", "F")):
        image = _eight_bits(image)
    if image.has_transparency_data:
        image = image.convert("LA" if image.mode in ("L", "LA", "La") else "RGBA")
        alpha = image.getchannel("A")
    elif image.mode in ("P", "PA", "1"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    colours = to_srgb(image, profile)
    if alpha is not None:
        colours.paste("white", mask=ImageOps.invert(alpha))
    colours.info = {}
    return colours


def _eight_bits(image: Image.Image) -> Image.Image:
    """Greyscale of 16 or 32 bits, or of floating point, scaled to 8 bits."""
    values = np.asarray(image, dtype=np.float32)
    brightest = float(np.nanmax(values, initial=0.0))
    white = 65535.0 if image.mode.startswith("I") else 1.0
    values = np.nan_to_num(values) * (255.0 / max(white, brightest))
    scaled = Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
    scaled.info = {}
    return scaled


def fit(image: Image.Image, longer_side: int) -> Image.Image:
    """The picture with its longer side at `longer_side` pixels, its proportions kept."""
    scale = longer_side / max(image.size)
    return resize(image, max(1, round(image.width * scale)), max(1, round(image.height * scale)))


def resize(image: Image.Image, width: int, height: int) -> Image.Image:
    """The picture at exactly `width` x `height` pixels, without aliasing."""
    if image.size == (width, height):
        return image
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
