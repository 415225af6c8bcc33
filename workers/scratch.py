"""Folders for files on their way: held by a lock, and gone with whoever holds them.

A lock goes with its process, however that ends: a folder that nobody holds was left by one that
was killed, and is removed by the next who sweeps. No age has to be guessed.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def held_folder(parent: Path) -> Iterator[Path]:
    """A new folder below `parent` that goes when the block ends."""
    parent.mkdir(parents=True, exist_ok=True)
    folder, lock = claimed(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def sweep(parent: Path) -> None:
    """Remove what processes left that were killed."""
    for left in parent.iterdir() if parent.is_dir() else ():
        with suppress(OSError):  # somebody holds it, or was faster
            lock = os.open(left, os.O_RDONLY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(lock)


def claimed(parent: Path) -> tuple[Path, int]:
    """A new folder, and the descriptor that holds it."""
    while True:
        folder = parent / secrets.token_hex(8)
        folder.mkdir()
        with suppress(FileNotFoundError):  # swept before it was held
            lock = os.open(folder, os.O_RDONLY)
            with suppress(OSError):  # a disk without locks is never swept either
                fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder, lock
            os.close(lock)
