"""Copies of artifacts on this machine's disk: the ones used last, as many bytes as are allowed.

Under the artifact's key lies a folder with one file, named by what the store said of the content,
so that a copy is used only where the store still has the same. Several processes share them; each
counts for itself, so together they may have some more than is allowed until one looks again.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

HOUR = 3600.0
SPARED = 60.0
"""Seconds in which who was given a copy may open it."""
TRIM_EVERY = 60.0


class Copies:
    """Below `folder`, at most `most` bytes, none that was not used for an hour."""

    def __init__(self, folder: Path, most: int) -> None:
        self.folder = folder
        self.most = most
        self._added = 0
        self._trimmed = 0.0

    def find(self, key: str) -> Path | None:
        """The copy of an artifact, marked as used; it may be of what was there before."""
        for copy in self._below(self.folder / key):
            with suppress(FileNotFoundError):
                os.utime(copy)
                return copy
        return None

    def take(self, key: str, etag: str, file: Path) -> Path:
        """Take over a file as the copy, in place of another one."""
        place, size = self.folder / key / name_of(etag), file.stat().st_size
        while True:
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                file.replace(place)
                break
            except FileNotFoundError:  # it was dropped at that moment
                if not file.exists():
                    raise
        for old in self._below(place.parent):
            if old != place:
                old.unlink(missing_ok=True)
        self._added += size
        if self._added > self.most // 20:
            self.trim()
        return place

    def drop(self, key: str) -> None:
        """Forget the copy of an artifact, or of all below a prefix."""
        shutil.rmtree(self.folder / key, ignore_errors=True)

    def tidy(self) -> None:
        """`trim`, at most once a minute."""
        if time.monotonic() - self._trimmed > TRIM_EVERY:
            self.trim()

    def trim(self) -> None:
        """Remove what was not used for an hour, then what was used longest ago, to the limit."""
        self._added, self._trimmed = 0, time.monotonic()
        now, left = time.time(), self.most
        for used, size, copy in sorted(self._all(), reverse=True):
            left -= size
            if now - used > HOUR or (left < 0 and now - used > SPARED):
                with suppress(OSError):
                    copy.unlink()
                    left += size
        self._remove_empty()

    def _all(self) -> Iterator[tuple[float, int, Path]]:
        """When it was used, its bytes, and where it is."""
        for root, _, names in os.walk(self.folder):
            for name in names:
                with suppress(FileNotFoundError):
                    copy = Path(root, name)
                    about = copy.stat()
                    yield about.st_mtime, about.st_size, copy

    def _remove_empty(self) -> None:
        for root, _, _ in os.walk(self.folder, topdown=False):
            if root != str(self.folder):
                with suppress(OSError):  # it is not empty
                    Path(root).rmdir()

    def _below(self, folder: Path) -> list[Path]:
        with suppress(FileNotFoundError, NotADirectoryError):
            return [each for each in folder.iterdir() if each.is_file()]
        return []


def name_of(etag: str) -> str:
    """What the store calls the content, as a file's name."""
    return "".join(each if each.isalnum() or each == "-" else "_" for each in etag)
