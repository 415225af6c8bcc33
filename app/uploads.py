"""The only door for pictures: what comes in is limited, decoded apart, and leaves as a clean JPEG.

What is kept is upright, in sRGB and carries nothing but pixels: no place, no camera, no comment.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from typing import Any

from werkzeug.datastructures import FileStorage

from app.errors import Refusal
from app.services import services

ROOT = Path(__file__).parent.parent
# Run as a file, not as `app.decoder`: the package would load all of the web into the child.
DECODER = [sys.executable, "-P", str(ROOT / "app" / "decoder.py")]
PATIENCE = 60.0  # seconds on the wall; the decoder itself limits its seconds of computing
# A decoder may take hundreds of megabytes: two at a time, and the others wait.
DESKS = BoundedSemaphore(2)
LEFT_BEHIND = 3600.0  # seconds after which a folder can only be that of a process that was killed


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


def decode(source: Path, target: Path, max_pixels: int) -> dict[str, Any]:
    """What the decoder says about `source`: width and height of `target`, or code and message."""
    # One thread: a pool of them would only reserve memory against the limit.
    ours = {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    # Our secrets are not for a process that reads what strangers sent.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MERIAN_")}
    command = [*DECODER, str(source), str(target), str(max_pixels)]
    try:
        with DESKS:
            ended = subprocess.run(
                command, env=kept | ours, capture_output=True, text=True, timeout=PATIENCE
            )
        answer: dict[str, Any] = json.loads(ended.stdout)
        return answer
    except (subprocess.TimeoutExpired, ValueError):
        # Ended by a limit before it could say anything.
        return {"code": "too_costly", "message": ""}
