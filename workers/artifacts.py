"""Where pictures, previews and results are kept: behind one small interface, today a folder."""

import errno
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

Writer = Callable[[BinaryIO], None]

# Plain names separated by slashes; none begins with a dot, so no key leaves the folder
# and none meets a file that is still being written.
KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class ArtifactMissing(LookupError):
    """There is no artifact of this key."""


class StoreFull(OSError):
    """There is no room for the artifact."""


class ArtifactStore(Protocol):
    """Files by key, such as `jobs/ID/content.jpg`. A key that is no plain path is a ValueError."""

    def write(self, key: str, data: bytes | Writer, durable: bool = True) -> None:
        """Write all of it or nothing. `durable`: a power cut after this does not lose it.

        Raises `StoreFull`.
        """
        ...

    def move_in(self, key: str, file: Path) -> None:
        """Take over a local file without reading it into memory; it is gone from where it was.

        Not durable: gigabytes would keep the caller waiting for the disk. Raises `StoreFull`.
        """
        ...

    def open(self, key: str) -> BinaryIO:
        """Raises `ArtifactMissing`."""
        ...

    def read(self, key: str) -> bytes:
        """Raises `ArtifactMissing`."""
        ...

    def path(self, key: str) -> Path:
        """A local file with the artifact in it, not to be written to. Raises `ArtifactMissing`."""
        ...

    def folder(self, prefix: str) -> Path:
        """A local folder with everything under `prefix`; what is put into it belongs to the store.

        It need not exist yet. A store elsewhere would fetch it, and send what has changed.
        """
        ...

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """Removing what is not there is no error."""
        ...

    def delete_prefix(self, prefix: str) -> None:
        """Remove everything under `prefix` + "/"."""
        ...

    def below(self, prefix: str) -> list[str]:
        """The prefixes one below `prefix`, in order."""
        ...

    def untouched(self, prefix: str, moment: float) -> list[str]:
        """The prefixes one below `prefix` in which nothing was written since `moment`."""
        ...


class FolderStore:
    """An `ArtifactStore` in one folder that every process sees."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, key: str, data: bytes | Writer, durable: bool = True) -> None:
        with replacing(self._place(key), durable) as file:
            if callable(data):
                data(file)
            else:
                file.write(data)

    def move_in(self, key: str, file: Path) -> None:
        place = self._place(key)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)
        except OSError as failure:
            if failure.errno != errno.EXDEV:
                raise
            with file.open("rb") as source:  # it lies on another disk
                self.write(key, lambda target: shutil.copyfileobj(source, target))
            file.unlink()

    def open(self, key: str) -> BinaryIO:
        return self.path(key).open("rb")

    def read(self, key: str) -> bytes:
        return self.path(key).read_bytes()

    def path(self, key: str) -> Path:
        path = self._place(key)
        if not path.is_file():
            raise ArtifactMissing(key)
        return path

    def folder(self, prefix: str) -> Path:
        return self._place(prefix)

    def exists(self, key: str) -> bool:
        return self._place(key).is_file()

    def delete(self, key: str) -> None:
        self._place(key).unlink(missing_ok=True)

    def delete_prefix(self, prefix: str) -> None:
        shutil.rmtree(self._place(prefix), ignore_errors=True)

    def below(self, prefix: str) -> list[str]:
        root = self._place(prefix)
        names = sorted(each.name for each in root.iterdir()) if root.is_dir() else []
        return [f"{prefix}/{name}" for name in names if KEY.fullmatch(name)]

    def untouched(self, prefix: str, moment: float) -> list[str]:
        root = self._place(prefix)
        folders = list(root.iterdir()) if root.is_dir() else []
        return [f"{prefix}/{each.name}" for each in folders if each.stat().st_mtime < moment]

    def _place(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not an artifact's key")
        return self.root / key


@contextmanager
def replacing(path: Path, durable: bool) -> Iterator[BinaryIO]:
    """A file that appears under `path` when the block ends well, and never in part."""
    part = path.parent / f".{path.name}.{secrets.token_hex(4)}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        part.replace(path)
        if durable:
            sync(path.parent)
    except OSError as failure:
        if failure.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(failure.errno, "There is no room left for pictures.") from failure
        raise
    finally:
        part.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Bring a file to the disk, or a folder: a new name is only safe once that is there too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
