"""A program that writes a painting again in another format: `SOURCE TARGET FORMAT SETTINGS`.

A process of its own, under limits: a picture of 8192 pixels takes hundreds of megabytes and many
seconds, and the web goes on meanwhile. What comes out has pixels and a profile, and no words.
"""

import errno
import json
import resource
import sys
from contextlib import suppress
from pathlib import Path

from PIL import Image

from models.colour_profiles import SRGB
from models.images import FORMATS, Limits, open_picture

LARGEST_SIDE = 8192
"""Pixels of what the painter paints at most."""
MEMORY = 3_000_000_000  # address space
SECONDS = 100
LARGEST_FILE = 1_000_000_000
DISK_FULL = 28
"""The exit status where there is no room for the file."""


def main() -> int:
    source, target, pillow, how = sys.argv[1:]
    limit_this_process()
    picture = opened(Path(source))
    try:
        picture.save(target, pillow, icc_profile=SRGB, **json.loads(how))
    except OSError as failure:
        if failure.errno in (errno.ENOSPC, errno.EDQUOT):
            return DISK_FULL
        raise
    return 0


def opened(source: Path) -> Image.Image:
    """A picture without metadata. What the painter wrote needs no cleaning, which copies it."""
    limits = Limits(max_pixels=LARGEST_SIDE**2, min_side=1)
    with Image.open(source, formats=FORMATS) as image:
        limits.check(*image.size)
        if image.mode == "RGB" and image.info.get("icc_profile") == SRGB:
            image.load()
            image.info = {}
            return image
    return open_picture(source, limits)


def limit_this_process() -> None:
    with suppress(ValueError, OSError):  # macOS knows the first but does not allow it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main())
