"""What a photograph's file is: its size, its fingerprint, or why it is no picture.

Remembered by the file's sha256, so that only what is new is decoded. Imports no torch.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol, Self

from PIL import Image

from models.images import FORMATS, PictureError, open_picture
from models.training.likeness import fingerprint

ENOUGH = 128
"""Pixels of the longer side that a fingerprint needs: JPEGs are decoded no further."""
VERSION = 1
"""Of what is looked at: records of another are not read."""


@dataclass(frozen=True)
class Looked:
    """What one file's bytes are, whoever owns them."""

    width: int
    height: int
    """Pixels, as stored; 0 where it is broken."""
    fingerprint: bytes
    reason: str = ""
    """Why it cannot be used, a sentence or two; "" where it can."""

    def to_record(self) -> dict[str, Any]:
        """Small, for JSON."""
        size = {"width": self.width, "height": self.height}
        return {
            "version": VERSION, **size,
            "fingerprint": self.fingerprint.hex(), "reason": self.reason,
        }  # fmt: skip

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self | None:
        """None where another version of this program made it."""
        if record.get("version") != VERSION:
            return None
        prints = bytes.fromhex(record["fingerprint"])
        return cls(record["width"], record["height"], prints, record["reason"])


class Known(Protocol):
    """What was seen before, by the sha256 of a file's bytes. Asked by the caller's thread only."""

    def get(self, sha256: str) -> Looked | None: ...

    def put(self, sha256: str, looked: Looked) -> None: ...


@dataclass(frozen=True)
class _File:
    sha256: str
    """"" where it could not be read; then `data` is empty and `error` says why."""
    data: bytes
    error: str = ""


def looks(paths: Sequence[Path], known: Known | None) -> Iterator[tuple[str, Looked]]:
    """The sha256 of each file and what it is, in order; "" where it could not be read.

    By as many threads as there are cores. Few files are in memory at a time.
    """
    threads = os.cpu_count() or 1
    step = 8 * threads
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(paths), step):
            files = list(pool.map(_read, paths[start : start + step]))
            seen = [known.get(file.sha256) if known is not None else None for file in files]
            new = pool.map(
                _look, [file for file, old in zip(files, seen, strict=True) if old is None]
            )
            for file, old in zip(files, seen, strict=True):
                looked = old or next(new)
                if old is None and known is not None and file.sha256:
                    known.put(file.sha256, looked)
                yield file.sha256, looked


def _read(path: Path) -> _File:
    try:
        data = path.read_bytes()
    except OSError as error:
        return _File("", b"", f"The file cannot be read ({error.strerror}).")
    return _File(hashlib.sha256(data).hexdigest(), data)


def _look(file: _File) -> Looked:
    if file.error:
        return Looked(0, 0, b"", file.error)
    try:
        picture = open_picture(BytesIO(file.data), longer_side=ENOUGH)
    except PictureError as wrong:
        return Looked(0, 0, b"", wrong.message)
    with Image.open(BytesIO(file.data), formats=FORMATS) as image:
        return Looked(*image.size, fingerprint(picture))
