"""What came of a job as a file in the format that somebody wants: paintings, and names as a table.

A painting that is not there in that format is written again by a process of its own
(app/converter.py), one at a time for each web process; the others wait, and not for ever.
"""

import csv
import io
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from flask import Response, send_file
from PIL import features

from app.converter import DISK_FULL
from app.desks import KNOWN, ROOT
from app.errors import Refusal
from app.incoming import Room
from app.jobs import Painting, shown
from app.pictures import send_picture
from app.services import services
from models.style.output import FORMATS, Format
from workers.artifacts import StoreFull
from workers.jobs import Job

log = logging.getLogger(__name__)

# Faster than Pillow's own choice, for little more bytes: one waits while it is written.
PICTURES = {
    "png": replace(FORMATS["png"], how={"compress_level": 4}),
    "jpeg": FORMATS["jpeg"],
    "webp": replace(FORMATS["webp"], how=FORMATS["webp"].how | {"method": 2}),
    "tiff": FORMATS["tiff"],
    "avif": Format((".avif",), "image/avif", "AVIF", {"quality": 85, "speed": 9}),
}
if not features.check("avif"):  # some distributions build Pillow without
    del PICTURES["avif"]
NAMES = {"png": "PNG", "jpeg": "JPEG", "webp": "WebP", "tiff": "TIFF", "avif": "AVIF"}
"""As people write them."""
ANSWERS = ("json", "csv")
"""What the answer of a species job can be."""
CONVERTER = [sys.executable, "-P", str(ROOT / "app" / "converter.py")]
LONGEST_WAIT = 20.0  # seconds for the one before
PATIENCE = 150.0  # seconds on the wall; a converter itself limits its seconds of computing
COLUMNS = ("specimen", "name", "scientific_name", "rank", "probability")

_turn = BoundedSemaphore(1)


def formats_beside(made: Painting) -> dict[str, str]:
    """The formats that the painting is not kept in: what people call each by its name."""
    return {
        name: NAMES[name] for name, kind in PICTURES.items() if made.media_type != kind.media_type
    }


def send_painting(job: Job, made: Painting, format: str, stem: str, keep: bool = True) -> Response:
    """The painting in a format of `PICTURES`; `keep`: as a file named after `stem`.

    Raises `Refusal` (busy, too_costly), `ArtifactMissing`, `StoreFull`.
    """
    kind = PICTURES[format]
    name = f"{stem}{kind.endings[0]}" if keep else None
    version = f"{job.version}{kind.endings[0]}"
    for there in (made, shown(job, made)):
        if there.media_type == kind.media_type:
            return send_picture(there.key, there.media_type, version, name)
    file = converted(shown(job, made).key, kind)
    response = send_file(
        file, kind.media_type, etag=version, as_attachment=keep, download_name=name
    )  # fmt: skip
    response.content_length = file.size
    response.headers["Cache-Control"] = "private, no-store"
    return response


class Outgoing(io.BufferedReader):
    """A file that has no name any more, and takes its bytes of the room for what comes in.

    It goes when it was sent: whoever reads slowly cannot fill the disk. Raises `Refusal`.
    """

    def __init__(self, path: Path, room: Room) -> None:
        self.size = path.stat().st_size
        self.room = room
        room.take(self.size)
        super().__init__(io.FileIO(path))

    def close(self) -> None:
        if not self.closed:
            self.room.give_back(self.size)
        super().close()


def converted(key: str, kind: Format) -> Outgoing:
    """The picture of the store as a file of that kind."""
    given = services()
    with turn(), given.room.held() as folder:
        source, target = folder / "source", folder / f"target{kind.endings[0]}"
        with given.store.open(key) as there, source.open("wb") as copy:
            shutil.copyfileobj(there, copy)
        convert(source, target, kind)
        return Outgoing(target, given.room)


@contextmanager
def turn() -> Iterator[None]:
    """Wait for one's turn to convert. Raises `Refusal`."""
    if not _turn.acquire(timeout=LONGEST_WAIT):
        raise Refusal("busy", "Too many pictures are being converted. Try again in a moment.")
    try:
        yield
    finally:
        _turn.release()


def convert(source: Path, target: Path, kind: Format) -> None:
    """Raises `Refusal`, `StoreFull`."""
    command = [*CONVERTER, str(source), str(target), kind.pillow, json.dumps(kind.how)]
    kept = {name: os.environ[name] for name in KNOWN if name in os.environ}
    ours = {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, env=kept | ours, timeout=PATIENCE, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Refusal("too_costly") from None
    if done.returncode == DISK_FULL:
        raise StoreFull
    if done.returncode:
        log.warning("a picture was not converted", extra={"why": done.stderr[-500:].decode()})
        raise Refusal("too_costly")


def answer_table(said: Mapping[str, Any]) -> bytes:
    """The answer of a species job as CSV: the guesses, best first, then each specimen's best one.

    `specimen` is empty for the photographs as a whole.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({"specimen": ""} | dict(guess) for guess in said["answers"])
    for number, box in enumerate(said["boxes"], 1):
        writer.writerow({"specimen": number} | dict(box["rollup"] or box["answers"][0]))
    return text.getvalue().encode()
