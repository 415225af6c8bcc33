"""Artifacts in an S3 bucket: a store that every host reaches, with copies on this one's disk."""

import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from workers.artifacts import KEY, ArtifactMissing, Writer, replacing
from workers.copies import Copies
from workers.s3 import S3
from workers.scratch import held_folder, sweep
from workers.settings import Bucket

PACKED = "folder.tar"
"""Under a folder's prefix, all of it in one object: there whole or not at all, by one request."""
READY = "ready"
SWEEP_EVERY = 3600.0


class BucketStore:
    """An `ArtifactStore`. Every method raises `ArtifactsDown` where the bucket was not reached
    within `patience` seconds, and `ArtifactsRefused` where it does not take us."""

    def __init__(self, bucket: Bucket, cache: Path, most_bytes: int, patience: float) -> None:
        self.bucket = bucket
        self.s3 = S3(bucket.name, patience)
        self.copies = Copies(cache / "copies", most_bytes)
        self.desks = cache / "desks"
        self._swept = 0.0

    def write(self, key: str, data: bytes | Writer, durable: bool = True) -> None:
        """One that need not be durable is not worth waiting for: it is tried once."""
        place, patience = self._place(key), None if durable else 0.0
        if not callable(data):
            self.s3.put(place, data, patience)
            return
        with held_folder(self.desks) as desk:
            with replacing(desk / "file", durable=False) as file:
                data(file)
            self.s3.put_file(place, desk / "file", patience)

    def add(self, key: str, file: Path) -> None:
        self.s3.put_file(self._place(key), file)

    def move_in(self, key: str, file: Path) -> None:
        self.add(key, file)
        file.unlink()

    def open(self, key: str) -> BinaryIO:
        return self.path(key).open("rb")

    def read(self, key: str) -> bytes:
        with naming(key):
            return self.s3.get(self._place(key))

    def path(self, key: str) -> Path:
        """The bucket is always asked: a copy is used only where it has the same still."""
        place, copy = self._place(key), self.copies.find(key)
        with held_folder(self.desks) as desk, naming(key):
            found = self.s3.fetch(place, desk / "file", copy.name if copy else "")
            if found.etag is None and copy:
                return copy
            return self.copies.take(key, found.etag or "", desk / "file")

    @contextmanager
    def filling(self, prefix: str) -> Iterator[Path]:
        place = self._place(f"{prefix}/{PACKED}")
        with held_folder(self.desks) as desk:
            folder, packed = desk / "folder", desk / PACKED
            yield folder
            if folder.is_dir():
                with replacing(packed, durable=False) as file, tarfile.open(None, "w", file) as tar:
                    tar.add(folder, "folder")
                self.s3.put_file(place, packed)

    @contextmanager
    def fetched(self, prefix: str) -> Iterator[Path]:
        place = self._place(f"{prefix}/{PACKED}")
        with held_folder(self.desks) as desk:
            with naming(prefix):
                self.s3.fetch(place, desk / PACKED)
            unpack(desk / PACKED, desk)
            (desk / PACKED).unlink()
            yield desk / "folder"

    def exists(self, key: str) -> bool:
        try:
            self.s3.head(self._place(key))
        except ArtifactMissing:
            return False
        return True

    def delete(self, key: str) -> None:
        self.s3.delete(self._place(key))
        self.copies.drop(key)

    def delete_prefix(self, prefix: str) -> None:
        self.s3.delete_below(self._place(prefix) + "/")
        self.copies.drop(prefix)

    def below(self, prefix: str) -> list[str]:
        start = self._place(prefix) + "/"
        names = sorted({key.removeprefix(start) for key in self.s3.level(start)})
        return [f"{prefix}/{name}" for name in names if KEY.fullmatch(name)]

    def newest(self, prefix: str) -> list[str]:
        start = self._place(prefix) + "/"
        found = [each for page in self.s3.keys(start) for each in page]
        found.sort(key=lambda each: (each.written, each.key), reverse=True)
        names = (each.key.removeprefix(start) for each in found)
        return [f"{prefix}/{name}" for name in names if "/" not in name and KEY.fullmatch(name)]

    def untouched(self, prefix: str, moment: float) -> list[str]:
        """Looks at every key: a request for each thousand."""
        start = self._place(prefix) + "/"
        last: dict[str, float] = {}
        for page in self.s3.keys(start):
            for each in page:
                name = each.key.removeprefix(start).partition("/")[0]
                last[name] = max(last.get(name, 0.0), each.written)
        return [f"{prefix}/{name}" for name, written in last.items() if written < moment]

    def versions(self, prefix: str) -> dict[str, str]:
        """What tells the content of each key under `prefix` from earlier ones."""
        start = self._place(prefix) + "/"
        pages = self.s3.keys(start)
        return {f"{prefix}/{e.key.removeprefix(start)}": e.etag for page in pages for e in page}

    def check(self) -> None:
        """Writes a few bytes."""
        self.sweep()
        self.s3.probe(self._place(READY))

    def sweep(self) -> None:
        self.copies.tidy()
        if not self._swept or time.monotonic() - self._swept > SWEEP_EVERY:
            self._swept = time.monotonic()
            sweep(self.desks)

    def _place(self, key: str) -> str:
        if not KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not an artifact's key")
        return f"{self.bucket.prefix}/{key}" if self.bucket.prefix else key


@contextmanager
def naming(key: str) -> Iterator[None]:
    """What is missing is missing by our name for it."""
    try:
        yield
    except ArtifactMissing as missing:
        raise ArtifactMissing(key) from missing


def unpack(packed: Path, target: Path) -> None:
    """Files alone, and none outside of `target`: a bucket may have been written to by others."""
    with tarfile.open(packed) as tar:
        for member in tar:
            parts = PurePosixPath(member.name).parts
            source = tar.extractfile(member) if member.isreg() else None
            if source is None or not parts or parts[0] != "folder" or ".." in parts:
                continue
            place = target.joinpath(*parts)
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb") as file:
                while piece := source.read(1 << 20):
                    file.write(piece)
