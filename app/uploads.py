"""The only door for pictures: what comes in is limited, decoded apart, and leaves as a clean JPEG.

What is kept is upright, in sRGB and carries nothing but pixels: no place, no camera, no comment.
"""

from dataclasses import dataclass
from pathlib import Path

from werkzeug.datastructures import FileStorage

from app.desks import decode
from app.errors import Refusal
from app.incoming import Incoming
from app.services import services


@dataclass(frozen=True)
class Picture:
    """A clean JPEG. Sizes in pixels."""

    path: Path
    width: int
    height: int


def receive_picture(upload: FileStorage, field: str) -> Picture:
    """The uploaded file as a clean picture in its place. Raises `Refusal` with the field."""
    settings = services().settings
    assert isinstance(upload.stream, Incoming)  # as app/archives.py arranges
    source = upload.stream.path
    target = source.with_suffix(".jpg")
    upload.stream.flush()
    if source.stat().st_size > settings.max_upload:
        raise Refusal("too_large", f"The file is larger than {settings.max_upload_mb} MB.", field)
    answer = decode(source, target, settings.max_pixels)
    upload.close()
    source.unlink()
    if "code" in answer:
        raise Refusal(answer["code"], answer["message"], field)
    return Picture(target, answer["width"], answer["height"])
