"""Where pictures, previews and results are kept: in a folder or a bucket."""

import errno
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from workers.settings import SettingError, WorkerSettings

PATIENCE = 60.0
"""Seconds for which a worker asks a store elsewhere again that does not answer."""
Writer = Callable[[BinaryIO], None]

# Plain names separated by slashes; none begins with a dot, so no key leaves the folder
# and none meets a file that is still being written.
KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class ArtifactMissing(LookupError):
    """There is no artifact of this key."""


class StoreFull(OSError):
    """There is no room for the artifact."""


class ArtifactsDown(OSError):
    """The store is elsewhere and cannot be reached, or says that it cannot now."""


class ArtifactsRefused(OSError):
    """The store answers, but not to us. The text says which variable to look at."""


class ArtifactStore(Protocol):
    """Files by key, such as `jobs/ID/content.jpg`. A key that is no plain path is a ValueError.

    All methods of one that is elsewhere raise `ArtifactsDown` and `ArtifactsRefused`.
    """

    def write(self, key: str, data: bytes | Writer, durable: bool = True) -> None:
        """Write all of it or nothing. `durable`: a power cut after this does not lose it.

        Raises `StoreFull`.
        """
        ...

    def add(self, key: str, file: Path) -> None:
        """A local file, as durable as `write`. Nobody may write to it any more: it may be linked.

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

    def filling(self, prefix: str) -> AbstractContextManager[Path]:
        """The place of a local folder, to be made by the block and to belong to the store then.

        It appears under `prefix` as a whole when the block ends well; only `fetched` reads it, and
        `delete_prefix` removes it.
        """
        ...

    def fetched(self, prefix: str) -> AbstractContextManager[Path]:
        """A local folder as it was filled, for the block. Raises `ArtifactMissing`."""
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

    def newest(self, prefix: str) -> list[str]:
        """The keys one below `prefix`, the one that was written last first."""
        ...

    def untouched(self, prefix: str, moment: float) -> list[str]:
        """The prefixes one below `prefix` in which nothing was written since `moment`."""
        ...

    def check(self) -> None:
        """Nothing where the store takes files now; else `OSError`."""
        ...

    def sweep(self) -> None:
        """Remove what this machine only keeps to be quick, and does not need any more."""
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

    def add(self, key: str, file: Path) -> None:
        place = self._place(key)
        with room():
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(file, place)
            except OSError:  # it lies on another disk, or on one that has no links
                self.write(key, file.read_bytes())
                return
            sync(place)
            sync(place.parent)

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

    @contextmanager
    def filling(self, prefix: str) -> Iterator[Path]:
        yield self._place(prefix)

    @contextmanager
    def fetched(self, prefix: str) -> Iterator[Path]:
        place = self._place(prefix)
        if not place.is_dir():
            raise ArtifactMissing(prefix)
        yield place

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

    def newest(self, prefix: str) -> list[str]:
        found = []
        for key in self.below(prefix):
            with suppress(ArtifactMissing, FileNotFoundError):
                found.append((self.path(key).stat().st_mtime, key))
        return [key for _, key in sorted(found, reverse=True)]

    def untouched(self, prefix: str, moment: float) -> list[str]:
        root = self._place(prefix)
        folders = list(root.iterdir()) if root.is_dir() else []
        return [f"{prefix}/{each.name}" for each in folders if each.stat().st_mtime < moment]

    def check(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.root) as file:
            file.write(b"ready")

    def sweep(self) -> None:
        """Nothing is kept twice."""

    def _place(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not an artifact's key")
        return self.root / key


def open_store(settings: WorkerSettings, patience: float = PATIENCE) -> ArtifactStore:
    """The store that MERIAN_ARTIFACTS names; `patience` is for one that is elsewhere.

    Asks nobody yet. Raises `SettingError` where what a bucket takes is not installed.
    """
    place = settings.artifacts
    if isinstance(place, Path):
        return FolderStore(place)
    try:
        from workers.bucket import BucketStore  # here: a folder does without s3fs
    except ModuleNotFoundError as missing:
        raise SettingError(
            f"MERIAN_ARTIFACTS is {place}, and {missing.name} is missing: "
            "pip install 'merian[s3]', or pip install s3fs beside it."
        ) from missing
    return BucketStore(place, settings.cache, settings.cache_mb * 1_000_000, patience)


@contextmanager
def replacing(path: Path, durable: bool) -> Iterator[BinaryIO]:
    """A file that appears under `path` when the block ends well, and never in part."""
    part = path.parent / f".{path.name}.{secrets.token_hex(4)}.part"
    try:
        with room():
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                yield file
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            part.replace(path)
            if durable:
                sync(path.parent)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def room() -> Iterator[None]:
    """A disk that is full is told as such. Raises `StoreFull`."""
    try:
        yield
    except OSError as failure:
        if failure.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull(failure.errno, "There is no room left for pictures.") from failure
        raise


def sync(path: Path) -> None:
    """Bring a file to the disk, or a folder: a new name is only safe once that is there too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
