"""A program that reads pictures from strangers and writes them again as clean JPEGs.

A line of JSON on its input asks for one: source, target, max_pixels. A plain JPEG of which next to
nothing need be decoded is dealt with at once. Any other is decoded by a child forked for it, so
that a picture made to eat memory or time ends that child and not the web; what has been loaded once
is not loaded again. A line on its output says what was made, or why not.
"""

import errno
import gc
import json
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image

from models.colour_profiles import SRGB
from models.images import Limits, PictureError, open_picture, picture_as_sent

MEMORY = 2_500_000_000  # address space; 40 million pixels of floating point come near to it
SECONDS = 30
LARGEST_FILE = 500_000_000  # a JPEG of 100 million pixels of noise has 300 MB
OPEN_FILES = 32
Make = Callable[[Path, Path, Limits], tuple[int, int] | None]
# What a child that a limit ended cannot say any more.
TOO_COSTLY = json.dumps({"code": "too_costly", "message": ""})


def main() -> None:
    """Answer until the input ends: with whoever asks."""
    Image.init()  # once here, or each child loads every format again
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would keep what was in the picture
    gc.freeze()  # what children never touch, they need not copy
    for line in sys.stdin:
        asked = json.loads(line)
        print(copied(**asked) or decoded_apart(**asked), flush=True)


def copied(source: str, target: str, max_pixels: int) -> str | None:
    """As `decoded_apart`, for a picture that is kept as it was sent; None for any other."""
    answer = answered(keep_as_sent, Path(source), Path(target), max_pixels)
    return json.dumps(answer) if answer else None


def decoded_apart(source: str, target: str, max_pixels: int) -> str:
    """What `clean` answers in a child under limits, as JSON."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        try:
            limit_this_process()
            answer = answered(clean, Path(source), Path(target), max_pixels)
            os.write(writing, json.dumps(answer).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer_or_nothing = pipe.read()
    os.waitpid(child, 0)
    return answer_or_nothing or TOO_COSTLY


def limit_this_process() -> None:
    with suppress(ValueError, OSError):  # macOS knows the first but does not allow it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def keep_as_sent(source: Path, target: Path, limits: Limits) -> tuple[int, int] | None:
    """Width and height of what was written to `target`; None where it must be decoded."""
    found = picture_as_sent(source.read_bytes(), limits)
    if found is None:
        return None
    plain, width, height = found
    with target.open("wb") as file:
        file.writelines(plain.parts())
    return width, height


def clean(source: Path, target: Path, limits: Limits) -> tuple[int, int]:
    """Width and height of what was written to `target`."""
    picture = open_picture(source, limits)
    picture.save(target, "JPEG", quality=95, subsampling=0, icc_profile=SRGB)
    return picture.size


def answered(make: Make, source: Path, target: Path, max_pixels: int) -> dict[str, Any] | None:
    """Width and height of what was made, or the code and message of a refusal."""
    try:
        made = make(source, target, Limits(max_pixels=max_pixels))
        return {"width": made[0], "height": made[1]} if made else None
    except PictureError as wrong:
        return {"code": wrong.code, "message": wrong.message}
    except MemoryError:
        return {"code": "too_costly", "message": ""}
    except OSError as failure:
        if failure.errno in (errno.ENOSPC, errno.EDQUOT):
            return {"code": "store_full", "message": ""}
        raise


if __name__ == "__main__":
    main()
