"""What a file tells beside its pixels: a search for marks, and a list of what may be there."""

import struct
from io import BytesIO

from PIL import ExifTags, Image

from models.colour_profiles import SRGB
from tests.faults.containers import MARK, inflated

OURS = {ExifTags.Base.ImageDescription, ExifTags.Base.Software}
"""How to repaint a painting, and that Merian painted it: documented, and can be turned off."""
CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"eXIf", b"IDAT", b"IEND"}
SEGMENTS = {0xE0, 0xE1, 0xE2, 0xDB, 0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDD}
RIFF = {b"VP8X", b"ICCP", b"VP8 ", b"VP8L", b"ALPH", b"EXIF"}
TAGS = {
    254, 256, 257, 258, 259, 262, 270, 273, 277, 278, 279, 282, 283, 284, 296, 305, 317, 339, 34675,
}  # fmt: skip
"""Of a TIFF: sizes, places of the pixels, how they are compressed, the note, the profile."""


def marks_in(data: bytes) -> int:
    """How often a mark is there, in plain letters, in wide ones or compressed."""
    both = data + inflated(data)
    return sum(both.count(MARK.encode(code)) for code in ("ascii", "utf-16-le", "utf-16-be"))


def told_by(data: bytes) -> list[str]:
    """All that a file of ours must not tell: nothing, if all is well."""
    found = ["a mark"] if marks_in(data) else []
    with Image.open(BytesIO(data)) as image:
        kind, exif, info = image.format, image.getexif(), dict(image.info)
        image.load()
    if info.get("icc_profile", SRGB) != SRGB:
        found.append("a profile that is not ours")
    if kind != "TIFF":
        found += [f"EXIF {tag}" for tag in exif if tag not in OURS]
    found += [f"{name}" for name in ("comment", "xmp", "photoshop", "Comment") if name in info]
    for directory in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo, ExifTags.IFD.IFD1):
        if exif.get_ifd(directory):
            found.append(f"directory {directory.name}")
    return found + PARTS[str(kind)](data)


def of_png(data: bytes) -> list[str]:
    at, found = 8, []
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        found += [] if name in CHUNKS else [f"chunk {name!r}"]
        at += size + 12
        if name == b"IEND":
            break
    return found + (["something behind its end"] if at != len(data) else [])


def of_jpeg(data: bytes) -> list[str]:
    at, found = 2, []
    while data[at + 1] != 0xDA:
        size = struct.unpack(">H", data[at + 2 : at + 4])[0]
        content = data[at + 4 : at + 2 + size]
        found += [] if data[at + 1] in SEGMENTS else [f"segment {data[at + 1]:x}"]
        if data[at + 1] == 0xE1 and not content.startswith(b"Exif"):
            found.append("XMP")
        at += 2 + size
    return found + ([] if data.endswith(b"\xff\xd9") else ["something behind its end"])


def of_webp(data: bytes) -> list[str]:
    at, found = 12, []
    while at < len(data):
        name, size = struct.unpack("<4sI", data[at : at + 8])
        found += [] if name in RIFF else [f"chunk {name!r}"]
        at += 8 + size + size % 2
    return found


def of_tiff(data: bytes) -> list[str]:
    with Image.open(BytesIO(data)) as image:
        return [f"tag {tag}" for tag in image.tag_v2 if tag not in TAGS]  # type: ignore[attr-defined]


PARTS = {"PNG": of_png, "JPEG": of_jpeg, "WEBP": of_webp, "TIFF": of_tiff}
