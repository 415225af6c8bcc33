"""A program that reads one picture from a stranger and writes it again as a clean JPEG.

`decoder.py SOURCE TARGET MAX_PIXELS` runs in a process of its own, so that a picture made to eat
memory or time ends this process and not the web. It prints what it made, or why not, as JSON.
"""

import json
import resource
import sys
from pathlib import Path

from models.colour_profiles import SRGB
from models.images import Limits, PictureError, open_picture

MEMORY = 2_500_000_000  # address space; 40 million pixels of floating point come near to it
SECONDS = 30
UNREADABLE = PictureError("too_costly", "The picture takes too much memory or time to read.")


def main(source: Path, target: Path, max_pixels: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        picture = open_picture(source, Limits(max_pixels=max_pixels))
    except PictureError as wrong:
        print(json.dumps({"code": wrong.code, "message": wrong.message}))
        return
    except MemoryError:
        print(json.dumps({"code": UNREADABLE.code, "message": UNREADABLE.message}))
        return
    picture.save(target, "JPEG", quality=95, subsampling=0, icc_profile=SRGB)
    print(json.dumps({"width": picture.width, "height": picture.height}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
