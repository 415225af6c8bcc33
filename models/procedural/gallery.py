"""The samples as a catalogue: which pictures there are, and how they are written to a folder."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from models.procedural import (
    glass,
    marbling,
    mosaic,
    night,
    poppies,
    specimens,
    waves,
)
from models.procedural.photographs import PHOTOGRAPHS

MOST_BYTES = 440_000
THUMB = 320


@dataclass(frozen=True)
class Drawing:
    """A picture that code draws: `draw(size)` gives it as an RGB image, always the same."""

    name: str
    role: str
    title: str
    draw: Callable[[int], Image.Image]
    origin: str = "made by Merian"
    licence: str = "CC0-1.0"


DRAWINGS = (
    Drawing("nautilus", "content", "Chambered nautilus", specimens.nautilus),
    Drawing("textile-cone", "content", "Textile cone", specimens.textile_cone),
    Drawing("wentletrap", "content", "Precious wentletrap", specimens.wentletrap),
    Drawing("night-over-the-lake", "style", "Night over the lake", night.paint),
    Drawing("waves", "style", "Waves, a woodblock print", waves.paint),
    Drawing("peacock", "style", "Peacock, a mosaic", mosaic.paint),
    Drawing("rose-window", "style", "Rose window, stained glass", glass.paint),
    Drawing("poppies", "style", "Poppies, a watercolour", poppies.paint),
    Drawing("marbled-paper", "style", "Marbled paper", marbling.paint),
)


def jpeg(image: Image.Image, quality: int = 88) -> bytes:
    """The image as JPEG, at a lower quality if it would not fit in `MOST_BYTES`."""
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling="4:2:0", optimize=True)
    if buffer.tell() > MOST_BYTES and quality > 60:
        return jpeg(image, quality - 2)
    return buffer.getvalue()


def write(folder: Path, size: int = 1024) -> Iterator[str]:
    """Draw every picture into `folder` and write samples.json; yields each name as it is done.

    Photographs are not drawn: those that are in `folder` get their thumbnail and entry.
    """
    entries = []
    for drawing in DRAWINGS:
        path = folder / drawing.role / f"{drawing.name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(drawing.draw(size)))
        entries.append(entry(drawing, drawing.role, folder, path))
        yield drawing.name
    for photograph in PHOTOGRAPHS:
        path = folder / "content" / f"{photograph.name}.jpg"
        if path.exists():
            entries.append(entry(photograph, "content", folder, path))
            yield photograph.name
    entries.sort(key=lambda item: item["role"])
    text = json.dumps(entries, indent=2, ensure_ascii=False)
    (folder / "samples.json").write_text(text + "\n", encoding="utf-8")


def entry(picture: Any, role: str, folder: Path, path: Path) -> dict[str, Any]:
    """One picture's entry in samples.json, its thumbnail written beside it."""
    thumb = path.with_suffix(".thumb.jpg")
    with Image.open(path) as image:
        width, height = image.size
        image.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS)
        thumb.write_bytes(jpeg(image.convert("RGB"), 82))
    return {
        "name": picture.name,
        "role": role,
        "title": picture.title,
        "origin": picture.origin,
        "licence": picture.licence,
        "width": width,
        "height": height,
        "file": path.relative_to(folder).as_posix(),
        "thumb": thumb.relative_to(folder).as_posix(),
    }
