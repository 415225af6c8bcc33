"""Photographs made small, for pages that show many: a WebP of pixels alone."""

import io
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from models.images import PictureError, open_picture, resize

SIDE = 200
"""Pixels of the longer side."""
QUALITY = 62
MEDIA_TYPE = "image/webp"
THREADS = 4


@dataclass(frozen=True)
class Thumbnail:
    data: bytes
    width: int
    height: int


def thumbnails(paths: Iterable[Path | None]) -> Iterator[Thumbnail | None]:
    """One for each path, few in memory at a time; None where there is none, or it is broken."""
    waiting = iter(paths)
    with ThreadPoolExecutor(THREADS) as pool:
        while some := list(islice(waiting, 4 * THREADS)):
            yield from pool.map(thumbnail, some)


def thumbnail(path: Path | None) -> Thumbnail | None:
    if path is None:
        return None
    try:
        picture = open_picture(path, longer_side=SIDE)
    except (PictureError, OSError):
        return None
    scale = min(1.0, SIDE / max(picture.size))
    picture = resize(picture, *(max(1, round(scale * side)) for side in picture.size))
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=QUALITY, method=2)
    return Thumbnail(file.getvalue(), *picture.size)
