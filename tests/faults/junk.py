"""What strangers send that no person would: bombs, files that are two things, odd forms."""

import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from random import Random

from tests.faults.mutations import mutated
from tests.faults.originals import encoded, originals, photograph

BOUNDARY = "a boundary"
NAMES = (
    "photo.jpg", "../../etc/passwd", "/etc/passwd", "..\\..\\boot.ini", "a\0b.jpg", "x" * 3000,
    "нож\U0001f98b.png", "‮gpj.exe", "%2e%2e%2fpasswd", "con", "", " ", ".", "..", "'; drop table",
    "a\tb.jpg", "{{7*7}}.jpg", "<script>.jpg", "$(id).jpg",
)  # fmt: skip
KINDS = (
    "image/jpeg", "image/png", "text/html", "application/zip", "image/svg+xml", "x", "", "a/b;c=d",
    "multipart/form-data", "application/x-www-form-urlencoded", "image/jpeg; charset=utf-7",
)  # fmt: skip
PATHS = ("/api/v1/art", "/api/v1/species", "/api/v1/datasets", "/api/v1/training")
FIELDS = {"/api/v1/art": "content", "/api/v1/species": "image"}


@dataclass(frozen=True)
class Sent:
    """One request."""

    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def part(name: str, data: bytes, file: str | None = None, kind: str = "image/jpeg") -> bytes:
    about = f'Content-Disposition: form-data; name="{name}"'
    if file is not None:
        about += f'; filename="{file}"\r\nContent-Type: {kind}'
    return f"--{BOUNDARY}\r\n{about}\r\n\r\n".encode("utf-8", "replace") + data + b"\r\n"


def form(path: str, *parts: bytes) -> Sent:
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    return Sent(path, body, {"Content-Type": f'multipart/form-data; boundary="{BOUNDARY}"'})


def picture(path: str, data: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> Sent:
    """A form that would be right, were it not for the file."""
    parts = [part(FIELDS[path], data, name, kind)]
    if path.endswith("art"):
        parts += [part("style_sample", b"marbled-paper"), part("size", b"64")]
    return form(path, *parts)


def junk(count: int) -> list[Sent]:
    """The same for the same count: special ones first, then damaged files and damaged forms."""
    files = originals()
    numbers = Random(count)
    found = [
        picture(path, data)
        for data in special().values()
        for path in ("/api/v1/art", "/api/v1/species")
    ]
    found += [picture("/api/v1/art", files["plain.jpg"], name) for name in NAMES]
    found += [picture("/api/v1/art", files["plain.png"], "a.jpg", kind) for kind in KINDS]
    found += odd_forms(files["plain.jpg"])
    whole = list(files.values())
    for number in range(count - len(found)):
        path = ("/api/v1/art", "/api/v1/species")[number % 2]
        if number % 20 == 19:
            sent = picture(path, mutated(number, whole))
            body = mutated(number, [sent.body])
            found.append(Sent(numbers.choice(PATHS), body, sent.headers))
        else:
            name, kind = numbers.choice(NAMES), numbers.choice(KINDS)
            found.append(picture(path, mutated(number, whole), name, kind))
    return found[:count]


def special() -> dict[str, bytes]:
    jpeg, zipped = encoded(photograph(), "JPEG"), BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("a.jpg", jpeg)
    size_at = jpeg.index(b"\xff\xc0") + 5
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:1/x"/></svg>'
    return {
        "empty": b"",
        "one byte": b"\xff",
        "zip": zipped.getvalue(),
        "jpeg and zip": jpeg + zipped.getvalue(),
        "zip and jpeg": zipped.getvalue() + jpeg,
        "jpeg and html": jpeg + b"<script>alert(1)</script>",
        "gif and script": b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)",
        "svg": svg,
        "svg with entities": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + svg,
        "html": b"<!doctype html><script>alert(1)</script>",
        "pdf": b"%PDF-1.7\n",
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99 99\n(id) (r) file",
        "psd": b"8BPS\0\x01" + bytes(200),
        "bmp": encoded(photograph(), "BMP"),
        "ico": encoded(photograph(32, 32), "ICO"),
        "jpeg 2000": encoded(photograph(), "JPEG2000"),
        "script": b"#!/bin/sh\nid\n",
        "bomb": png(6000, 6000, 0),
        "huge": png(2**31 - 1, 2**31 - 1, 2),
        "wide": png(10**9, 1, 2),
        "no pixels": png(0, 0, 2),
        "text bomb": text_bomb(),
        "jpeg of 65535": jpeg[:size_at] + b"\xff\xff\xff\xff" + jpeg[size_at + 4 :],
        "many pages": encoded(
            photograph(), "TIFF", save_all=True, append_images=[photograph()] * 50
        ),
        "ftyp": b"\0\0\0\x18ftypheic" + b"\xff" * 500,
        "box of 2^64": b"\0\0\0\x01ftypavif" + b"\xff" * 8 + bytes(100),
    }  # fmt: skip


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, colours: int) -> bytes:
    """A PNG of zeros that says to be so large; greyscale (0) or colour (2)."""
    head = struct.pack(">IIBBBBB", width & 0xFFFFFFFF, height & 0xFFFFFFFF, 8, colours, 0, 0, 0)
    size = (width + 1) * height if width * height < 50_000_000 else 10_000
    data = zlib.compress(bytes(size), 9)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def text_bomb() -> bytes:
    """A hundred texts that each grow to a megabyte."""
    grows = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000), 9))
    whole = encoded(photograph(), "PNG")
    return whole[:33] + grows * 100 + whole[33:]


def odd_forms(jpeg: bytes) -> list[Sent]:
    """Forms in which something is wrong, not the picture."""
    multi = {"Content-Type": f'multipart/form-data; boundary="{BOUNDARY}"'}
    words = {"Content-Type": "application/x-www-form-urlencoded"}
    file, sample = part("content", jpeg, "a.jpg"), part("style_sample", b"marbled-paper")
    found = []
    for path in PATHS:
        found += [
            Sent(path, b""),
            Sent(path, b"", multi),
            Sent(path, jpeg, {"Content-Type": "image/jpeg"}),
            Sent(path, jpeg, {"Content-Type": "multipart/form-data"}),
            Sent(path, jpeg, {"Content-Type": "multipart/form-data; boundary=" + "x" * 300}),
            Sent(path, b"{" * 90_000, {"Content-Type": "application/json"}),
            Sent(path, b"\xff\xfe=\x80&" * 9000, words),
            Sent(path, b"a&" * 1_000_000, words),
            form(path, file, file, file, sample),
            form(path, file, *[sample] * 60),
            form(path, *[file] * 51),
            form(path, part("content", b"x" * 200_000), sample),
            form(path, part("x" * 5000, jpeg, "a.jpg")),
            form(path, part("\0", jpeg, "a.jpg"), sample),
            form(path, part("content", jpeg), sample),
            form(path, file, part("style_sample", b"../../secret-key")),
            form(path, file, part("style_sample", b"\0")),
            form(path, file, sample, part("size", b"9" * 5000)),
            form(path, file, sample, part("size", "٦٤".encode())),
            form(path, file, sample, part("strength", b"nan")),
            form(path, file, sample, part("no-such-option", b"1")),
            form(path, part("archive", jpeg, "a.zip")),
            Sent(path, file, multi),
            Sent(path, file[:-300], multi),
            Sent(path, file * 2 + b"--" + BOUNDARY.encode(), multi),
            form(path, file, part("mask", jpeg, "m.jpg"), sample),
            Sent(path, form(path, file, sample).body, multi | {"Idempotency-Key": "x" * 9000}),
            Sent(path + "/../jobs", jpeg, multi),
            Sent(path + "?size=%00&wait=%ff", form(path, file, sample).body, multi),
        ]  # fmt: skip
    return found
