"""Real photographs that tell everything, in every container that is accepted."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO

from PIL import ExifTags, Image, PngImagePlugin, TiffImagePlugin

from models.colour_profiles import SRGB
from tests.faults.originals import encoded, photograph

MARK = "MerianTellsNobody"
NAME = f"{MARK}-at-home"
PLACE = (47.0, 33.0, 17.31)


def telling(number: int) -> Iterator[tuple[str, bytes]]:
    """Files by their ending, with marks in every place where such a file can keep something."""
    image = photograph(96 + number % 32, 64 + number % 16)
    exif, xmp, profile = exif_block(), xmp_packet(), telling_profile()
    with_all = {"exif": exif, "icc_profile": profile}
    yield "jpg", telling_jpeg(encoded(image, "JPEG", xmp=xmp, comment=mark("comment"), **with_all))
    yield "png", telling_png(image, with_all)
    yield "webp", encoded(image, "WEBP", xmp=xmp, **with_all) + mark("behind")
    yield "avif", encoded(image, "AVIF", xmp=xmp, **with_all) + box(b"free", mark("box"))
    yield "heic", encoded(image, "HEIF", xmp=xmp, **with_all) + box(b"udta", mark("box"))
    yield "gif", encoded(image, "GIF", comment=mark("comment"), xmp=xmp) + mark("behind")
    yield "tif", telling_tiff(image, with_all)


def mark(where: str) -> bytes:
    return f"{MARK}:{where}".encode()


def exif_block() -> bytes:
    """Camera, owner, place, comment, maker note, and a thumbnail in a directory of its own."""
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = f"{MARK}:description"
    exif[ExifTags.Base.Artist] = f"{MARK}:artist"
    exif[ExifTags.Base.XPComment] = f"{MARK}:xp".encode("utf-16-le")
    about = exif.get_ifd(ExifTags.IFD.Exif)
    about[ExifTags.Base.MakerNote] = mark("maker note")
    about[ExifTags.Base.UserComment] = b"ASCII\0\0\0" + mark("user comment")
    about[ExifTags.Base.BodySerialNumber] = f"{MARK}:serial"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", PLACE
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", PLACE
    place[ExifTags.GPS.GPSAreaInformation] = mark("area")
    return with_thumbnail(exif.tobytes())


def with_thumbnail(block: bytes) -> bytes:
    """The block with a second directory, as cameras write it."""
    tiff = bytearray(block.removeprefix(b"Exif\0\0"))
    order = "<" if tiff[:2] == b"II" else ">"
    first = struct.unpack_from(order + "I", tiff, 4)[0]
    count = struct.unpack_from(order + "H", tiff, first)[0]
    struct.pack_into(order + "I", tiff, first + 2 + 12 * count, len(tiff))
    small = encoded(photograph(32, 24), "JPEG", comment=mark("thumbnail"))
    begins = len(tiff) + 2 + 2 * 12 + 4
    tiff += struct.pack(order + "H", 2)
    tiff += struct.pack(order + "HHII", 0x0201, 4, 1, begins)
    tiff += struct.pack(order + "HHII", 0x0202, 4, 1, len(small)) + bytes(4)
    return b"Exif\0\0" + bytes(tiff) + small


def xmp_packet() -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
        f'syntax-ns#"><rdf:Description dc:creator="{MARK}:xmp"/></rdf:RDF></x:xmpmeta>'
    ).encode()


def telling_profile() -> bytes:
    """A profile that works, with words behind its tables."""
    profile = bytearray(SRGB + mark("profile") + bytes(-len(mark("profile")) % 4))
    profile[:4] = struct.pack(">I", len(profile))
    return bytes(profile)


def telling_jpeg(data: bytes) -> bytes:
    """With IPTC, with parts of makers that nobody knows, and with something behind its end."""
    iptc = b"\x1c\x02\x78" + struct.pack(">H", len(mark("iptc"))) + mark("iptc")
    photoshop = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc
    parts = b"".join(
        marker + struct.pack(">H", len(content) + 2) + content
        for marker, content in (
            (b"\xff\xed", photoshop), (b"\xff\xec", mark("app12")), (b"\xff\xe4", mark("app4")),
        )
    )  # fmt: skip
    return data[:2] + parts + data[2:] + mark("behind")


def telling_png(image: Image.Image, with_all: dict[str, bytes]) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", f"{MARK}:text")
    texts.add_text("Author", f"{MARK}:compressed", zip=True)
    texts.add_itxt("XML:com.adobe.xmp", xmp_packet().decode())
    texts.add_itxt("Title", f"{MARK}:international", zip=True)
    texts.add(b"meRi", mark("private"))
    return encoded(image, "PNG", pnginfo=texts, **with_all) + mark("behind")


def telling_tiff(image: Image.Image, with_all: dict[str, bytes]) -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[270], tags[315] = f"{MARK}:description", f"{MARK}:artist"
    tags[700], tags[33723], tags[65000] = xmp_packet(), mark("iptc"), f"{MARK}:private"
    return encoded(image, "TIFF", tiffinfo=tags, icc_profile=with_all["icc_profile"])


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def inflated(data: bytes) -> bytes:
    """What the compressed texts and profiles of a PNG hold."""
    found, at, source = [], 8, BytesIO(data)
    while data.startswith(b"\x89PNG") and at + 8 <= len(data):
        source.seek(at)
        size, kind = struct.unpack(">I4s", source.read(8))
        content = source.read(size)
        if kind in (b"zTXt", b"iCCP", b"iTXt"):
            for start in range(min(len(content), 120)):
                with suppress(zlib.error):  # it begins elsewhere
                    found.append(zlib.decompress(content[start:]))
        at += size + 12
    return b"".join(found)
