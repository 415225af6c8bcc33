"""Small real photographs as files of every format that is accepted, in many of its forms."""

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageCms

import models.images  # registers HEIF
from app.samples import read_samples

assert models.images.FORMATS


def photograph(width: int = 96, height: int = 64) -> Image.Image:
    with Image.open(read_samples()["coffee"].path) as image:
        return image.convert("RGB").resize((width, height))


def encoded(image: Image.Image, kind: str, **how: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def deep(image: Image.Image) -> Image.Image:
    """The same in greyscale of 16 bits."""
    return Image.fromarray(np.asarray(image.convert("L"), dtype=np.uint16) * 257)


def exif_loop() -> bytes:
    """EXIF whose directory points to itself, and whose next one is it again."""
    entry = (0x8769).to_bytes(2, "little") + b"\x04\0\x01\0\0\0\x08\0\0\0"
    return b"Exif\0\0II*\0\x08\0\0\0\x01\0" + entry + b"\x08\0\0\0"


def originals() -> dict[str, bytes]:
    """Files by name."""
    image = photograph()
    frames = [image.rotate(angle) for angle in (0, 90, 180)]
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    clear = image.copy()
    clear.putalpha(128)
    moving = {"save_all": True, "append_images": frames[1:]}
    return {
        "plain.jpg": encoded(image, "JPEG"),
        "progressive.jpg": encoded(image, "JPEG", progressive=True),
        "grey.jpg": encoded(image.convert("L"), "JPEG"),
        "cmyk.jpg": encoded(image.convert("CMYK"), "JPEG"),
        "odd-profile.jpg": encoded(image, "JPEG", icc_profile=lab),
        "broken-profile.jpg": encoded(image, "JPEG", icc_profile=b"\0" * 200),
        "exif-loop.jpg": encoded(image, "JPEG", exif=exif_loop()),
        "plain.png": encoded(image, "PNG"),
        "clear.png": encoded(clear, "PNG"),
        "deep.png": encoded(deep(image), "PNG"),
        "palette.png": encoded(image.convert("P"), "PNG", transparency=3),
        "one-bit.png": encoded(image.convert("1"), "PNG"),
        "moving.png": encoded(frames[0], "PNG", **moving),
        "plain.webp": encoded(image, "WEBP"),
        "lossless.webp": encoded(clear, "WEBP", lossless=True),
        "moving.webp": encoded(frames[0], "WEBP", **moving),
        "plain.avif": encoded(image, "AVIF"),
        "clear.avif": encoded(clear, "AVIF"),
        "moving.avif": encoded(frames[0], "AVIF", **moving),
        "plain.heic": encoded(image, "HEIF"),
        "clear.heif": encoded(clear, "HEIF"),
        "moving.gif": encoded(frames[0], "GIF", **moving),
        "plain.tif": encoded(image, "TIFF"),
        "cmyk.tif": encoded(image.convert("CMYK"), "TIFF", compression="tiff_lzw"),
        "float.tif": encoded(image.convert("F"), "TIFF"),
        "pages.tif": encoded(frames[0], "TIFF", **moving),
    }
