"""When and where a photograph was taken, as its file says. Imports no torch."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image

EXIF, GPS = 0x8769, 0x8825  # directories
TAKEN = 0x9003  # DateTimeOriginal
LATITUDE, LONGITUDE = (1, 2), (3, 4)  # tags of the hemisphere and of degrees, minutes, seconds


@dataclass(frozen=True)
class Occasion:
    """`date` is local time in ISO 8601, latitude and longitude are degrees; None: not told."""

    date: str | None = None
    latitude: float | None = None
    longitude: float | None = None


def occasion_of(path: Path) -> Occasion:
    """What the file tells; nothing where it tells nothing or cannot be read."""
    try:
        with Image.open(path) as image:
            exif = image.getexif()
            taken, place = exif.get_ifd(EXIF).get(TAKEN), exif.get_ifd(GPS)
    except Exception:  # damaged files fail in every way; who opens the picture will tell
        return Occasion()
    latitude, longitude = _degrees(place, *LATITUDE), _degrees(place, *LONGITUDE)
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        latitude = longitude = None
    return Occasion(_date(taken), latitude, longitude)


def _date(text: Any) -> str | None:
    with suppress(AttributeError, TypeError, ValueError):
        return datetime.strptime(text.strip("\0 "), "%Y:%m:%d %H:%M:%S").isoformat()
    return None


def _degrees(place: Mapping[int, Any], hemisphere: int, angle: int) -> float | None:
    with suppress(KeyError, TypeError, ValueError, ZeroDivisionError):
        degrees, minutes, seconds = (float(part) for part in place[angle])
        found = degrees + minutes / 60 + seconds / 3600
        if found == found:  # not NaN, as 0/0 is read
            return round(-found if place[hemisphere] in ("S", "W") else found, 6)
    return None
