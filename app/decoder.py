"""A program that reads one picture from a stranger and writes it again as a clean JPEG.

`decoder.py SOURCE TARGET MAX_PIXELS` runs in a process of its own, so that a picture made to eat
memory or time ends this process and not the web. It prints what it made, or why not, as JSON.
"""

import errno
import json
import resource
import sys
from contextlib import suppress
from pathlib import Path

from models.colour_profiles import SRGB
from models.images import Limits, PictureError, open_picture

MEMORY = 2_500_000_000  # address space; 40 million pixels of floating point come near to it
SECONDS = 30


def main(source: Path, target: Path, max_pixels: int) -> None:
    with suppress(ValueError, OSError):  # macOS knows the first but does not allow it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    print(json.dumps(clean(source, target, max_pixels)))


def clean(source: Path, target: Path, max_pixels: int) -> dict[str, int | str]:
    """Width and height of what was written to `target`, or the code and message of a refusal."""
    try:
        picture = open_picture(source, Limits(max_pixels=max_pixels))
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
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
