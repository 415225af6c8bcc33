"""A program that reads pictures from strangers and writes them again as clean JPEGs.

A line of JSON on its input asks for one: source, target, max_pixels. Each is decoded by a child
forked for it, so that a picture made to eat memory or time ends that child and not the web; what
has been loaded once is not loaded again. A line on its output says what was made, or why not.
"""

import errno
import gc
import json
import os
import resource
import sys
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
# What a child that a limit ended cannot say any more.
TOO_COSTLY = json.dumps({"code": "too_costly", "message": ""})


def main() -> None:
    """Answer until the input ends: with whoever asks."""
    Image.init()  # once here, or each child loads every format again
    gc.freeze()  # what children never touch, they need not copy
    for line in sys.stdin:
        print(decoded_apart(**json.loads(line)), flush=True)


def decoded_apart(source: str, target: str, max_pixels: int) -> str:
    """What `clean` answers in a child under limits, as JSON."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        try:
            limit_this_process()
            answer = clean(Path(source), Path(target), max_pixels)
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
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would keep what was in the picture


def clean(source: Path, target: Path, max_pixels: int) -> dict[str, Any]:
    """Width and height of what was written to `target`, or the code and message of a refusal."""
    limits = Limits(max_pixels=max_pixels)
    try:
        if as_sent := picture_as_sent(source.read_bytes(), limits):
            data, width, height = as_sent
            target.write_bytes(data)
            return {"width": width, "height": height}
        picture = open_picture(source, limits)
        picture.save(target, "JPEG", quality=95, subsampling=0, icc_profile=SRGB)
    except PictureError as wrong:
        return {"code": wrong.code, "message": wrong.message}
    except MemoryError:
        return {"code": "too_costly", "message": ""}
    except OSError as failure:
        if failure.errno in (errno.ENOSPC, errno.EDQUOT):
            return {"code": "store_full", "message": ""}
        raise
    return {"width": picture.width, "height": picture.height}


if __name__ == "__main__":
    main()
