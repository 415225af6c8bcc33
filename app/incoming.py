"""What is on its way in: written straight to the disk, limited in all, gone with its request.

Each request has a folder in MERIAN_DATA that it holds by a lock (workers/scratch.py).
"""

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import Refusal
from workers.scratch import held_folder, sweep

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

SWEEP_EVERY = 3600.0  # seconds


class Room:
    """The folder for what comes in, and how many bytes may be there at once."""

    def __init__(self, folder: Path, most: int) -> None:
        self.folder = folder
        self.most = most
        self.taken = 0
        self._lock = threading.Lock()
        self._swept = 0.0

    def take(self, size: int) -> None:
        """Raises `Refusal` where there is no room for `size` bytes more."""
        with self._lock:
            if self.taken + size > self.most:
                raise Refusal("busy")
            self.taken += size

    def give_back(self, size: int) -> None:
        with self._lock:
            self.taken -= size

    @contextmanager
    def held(self) -> Iterator[Path]:
        """A folder for what comes in with one request; it goes when the request is answered."""
        if time.monotonic() - self._swept > SWEEP_EVERY:
            self.sweep()
        with held_folder(self.folder) as folder:
            yield folder

    def sweep(self) -> None:
        """Remove what processes left that were killed."""
        self._swept = time.monotonic()
        sweep(self.folder)


class Incoming(io.BufferedRandom):
    """A file for what comes in; other requests have their turn after each part.

    One that comes from this machine comes so fast that the server would do nothing else.
    """

    def __init__(self, path: Path, room: Room) -> None:
        super().__init__(io.FileIO(path, "x+"))
        self.path = path
        self.room = room
        self.taken = 0

    def write(self, data: "ReadableBuffer") -> int:
        """Raises `Refusal` where the room is full, and `OSError` where the disk is."""
        size = memoryview(data).nbytes
        self.room.take(size)
        self.taken += size
        time.sleep(0)
        return super().write(data)

    def close(self) -> None:
        self.room.give_back(self.taken)
        self.taken = 0
        with suppress(OSError):  # a full disk was told when the last part was written
            super().close()
