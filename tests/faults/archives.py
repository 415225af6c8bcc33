"""ZIP archives that attack: escapes, links, bombs, lies about places; and damaged ones."""

import stat
import struct
import zipfile
from io import BytesIO

from tests.faults.mutations import mutated
from tests.faults.originals import encoded, photograph

NAMES = (
    "../escaped.jpg", "/tmp/escaped.jpg", "a/../../escaped.jpg", "..\\escaped.jpg",
    "C:\\escaped.jpg", "c:escaped.jpg", "a/" * 200 + "x.jpg", "x" * 300 + ".jpg", "a\0b/1.jpg",
    "\u202e/1.jpg", "./../escaped.jpg", "~/escaped.jpg", "a//../../escaped.jpg",
)  # fmt: skip


def archives(count: int) -> dict[str, bytes]:
    """The same for the same count: made to attack first, then damaged at random."""
    good = good_archive()
    found = {"good": good, "empty": zipped({}), "not one": b"PK\x03\x04" + bytes(500)}
    photo = encoded(photograph(64, 64), "JPEG")
    for name in NAMES:
        found[f"name {name[:40]}"] = zipped({name: photo, "rose/1.jpg": photo})
    found |= {
        "link": with_mode(stat.S_IFLNK | 0o777, b"/etc/passwd"),
        "link to a folder": with_mode(stat.S_IFLNK | 0o777, b"../../.."),
        "device": with_mode(stat.S_IFBLK | 0o666, b""),
        "pipe": with_mode(stat.S_IFIFO | 0o666, b""),
        "bomb": zipped({"rose/1.jpg": bytes(300_000_000)}, zipfile.ZIP_DEFLATED),
        "many bombs": zipped(
            {f"a/{i}.jpg": bytes(9_000_000) for i in range(40)}, zipfile.ZIP_DEFLATED
        ),
        "zip in zip": zipped({"rose/1.jpg": good, "rose/2.jpg": good}),
        "same name": zipped_twice("rose/1.jpg", "rose/1.jpg", photo),
        "name but for case": zipped_twice("rose/A.jpg", "rose/a.jpg", photo),
        "file as folder": zipped({"rose.jpg": photo, "rose.jpg/1.jpg": photo}),
        "many": zipped({f"a/{i}.jpg": b"" for i in range(60_000)}),
        "overlap": overlapping(good),
        "encrypted": changed_flags(good, 0x1),
        "odd method": good.replace(b"\x00\x00\x00\x00\x21\x00", b"\x00\x00\x63\x00\x21\x00"),
        "wrong sum": wrong_sum(good),
        "cp437 names": zipped({"r\x81\x82se/1.jpg": photo}),
        "comment": good[:-2] + struct.pack("<H", 500) + b"PK\x05\x06" * 125,
        "before it": b"#!/bin/sh\n" * 1000 + good,
        "two ends": good + good[-22:],
        "svg": zipped({f"a/{i}.jpg": b"<svg onload='x'/>" for i in range(4)}),
        "table that leads out": zipped(
            {"split.csv": b"path,label,split\n../../../etc/passwd,a,train\n"}
        ),
        "table of nonsense": zipped({"split.csv": b"\xff\xfe\0" * 5000}),
        "xml of entities": zipped({"meta.xml": entities(), "a/1.jpg": photo, "a/2.jpg": photo}),
        "json that is deep": zipped({"train.json": b"[" * 100_000}),
    }  # fmt: skip
    for number in range(count - len(found)):
        found[f"damaged {number}"] = mutated(number, [good])
    return found


def good_archive() -> bytes:
    return zipped({
        f"{name}/{number}.jpg": encoded(photograph(64, 64).rotate(7 * number + turn), "JPEG")
        for turn, name in ((0, "rose"), (90, "daisy")) for number in range(4)
    })  # fmt: skip


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo("x")
            entry.filename, entry.compress_type = name, method  # as it is, not made harmless
            archive.writestr(entry, data)
    return made.getvalue()


def zipped_twice(first: str, second: str, data: bytes) -> bytes:
    """`first` renamed where the directory lists it."""
    other = "~" * len(first)
    return zipped({first: data, other: data}).replace(other.encode(), second.encode())


def with_mode(mode: int, data: bytes) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        entry = zipfile.ZipInfo("rose/1.jpg")
        entry.external_attr, entry.create_system = mode << 16, 3
        archive.writestr(entry, data)
    return made.getvalue()


def overlapping(good: bytes) -> bytes:
    """All entries are listed with the bytes of the first."""
    data = bytearray(good)
    at = good.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 42 : at + 46] = bytes(4)
        at = good.find(b"PK\x01\x02", at + 1)
    return bytes(data)


def changed_flags(good: bytes, flags: int) -> bytes:
    data = bytearray(good)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = good.find(signature)
        while at >= 0:
            data[at + offset] |= flags
            at = good.find(signature, at + 1)
    return bytes(data)


def wrong_sum(good: bytes) -> bytes:
    data = bytearray(good)
    at = good.find(b"PK\x01\x02")
    data[at + 16] ^= 0xFF
    data[14] ^= 0xFF
    return bytes(data)


def entities() -> bytes:
    """Each stands for ten of the one before: a thousand million in the end."""
    lines = ['<!ENTITY e0 "merian">']
    lines += [f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10)]
    kind = f'<?xml version="1.0"?><!DOCTYPE archive [{"".join(lines)}]>'
    return f"{kind}<archive>&e9;</archive>".encode()
