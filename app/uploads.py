"""The only door for pictures: what comes in is limited, decoded apart, and leaves as a clean JPEG.

What is kept is upright, in sRGB and carries nothing but pixels: no place, no camera, no comment.
"""

import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from werkzeug.datastructures import FileStorage

from app.desks import decode
from app.errors import Refusal
from app.services import services

LEFT_BEHIND = (
    24 * 3600.0
)  # seconds after which a folder can only be that of a process that was killed


@dataclass(frozen=True)
class Picture:
    """A clean JPEG. Sizes in pixels."""

    path: Path
    width: int
    height: int


@contextmanager
def incoming() -> Iterator[Path]:
    """A folder for what comes in with one request; it goes when the request is answered."""
    parent = services().workers.data / "incoming"
    parent.mkdir(parents=True, exist_ok=True)
    for old in parent.iterdir():
        if time.time() - old.stat().st_mtime > LEFT_BEHIND:
            shutil.rmtree(old, ignore_errors=True)
    with TemporaryDirectory(dir=parent) as folder:
        yield Path(folder)


def receive_picture(upload: FileStorage, field: str, folder: Path) -> Picture:
    """The uploaded file as a clean picture in `folder`. Raises `Refusal` with the field."""
    settings = services().settings
    source = folder / secrets.token_hex(8)
    upload.save(source)
    if source.stat().st_size > settings.max_upload:
        raise Refusal("too_large", f"The file is larger than {settings.max_upload_mb} MB.", field)
    answer = decode(source, source.with_suffix(".jpg"), settings.max_pixels)
    source.unlink()
    if "code" in answer:
        raise Refusal(answer["code"], answer["message"], field)
    return Picture(source.with_suffix(".jpg"), answer["width"], answer["height"])
