"""Models that people trained, where hosts share a bucket: each host's folder follows the bucket.

Under `models/NAME` lies the whole folder of a model. A host fetches what is new or has changed, and
removes what it had fetched and is gone; a folder that somebody put there by hand it leaves alone.
With artifacts in a folder nothing of this happens: MERIAN_DATA is one then.
"""

import fcntl
import logging
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from models.species.registry import Model, Registry, UnknownModel
from models.training.options import NAME
from workers.artifacts import (
    ArtifactMissing,
    ArtifactsDown,
    ArtifactsRefused,
    ArtifactStore,
    open_store,
)
from workers.settings import WorkerSettings

if TYPE_CHECKING:
    from workers.bucket import BucketStore

log = logging.getLogger(__name__)

PREFIX = "models"
MARK = ".version"
"""In the folder of a model that lies in the bucket: of which version of it this is a copy."""
EVERY = 5.0
"""Seconds after which the bucket is asked again."""
AT_ONCE = 1.0
"""The same, for one who asks for a model that is not here."""
PATIENCE = 60.0
"""Seconds to wait for another process that fetches."""


def open_registry(settings: WorkerSettings, store: ArtifactStore | None = None) -> Registry:
    """The models that are served here. Raises `SettingError` as `open_store` does."""
    if isinstance(settings.artifacts, Path):
        return Registry(settings.models)
    return SharedRegistry(settings.models, store=store or open_store(settings))  # type: ignore[arg-type]


def publish(settings: WorkerSettings, store: ArtifactStore, name: str) -> None:
    """A model that was made on this host: have all hosts serve it. Raises `ArtifactsDown`."""
    if isinstance(settings.artifacts, Path):
        return
    bucket: BucketStore = store  # type: ignore[assignment]
    place = settings.models / name
    with claimed(settings.models, PATIENCE):
        with bucket.filling(f"{PREFIX}/{name}") as folder:
            shutil.copytree(place, folder, ignore=shutil.ignore_patterns(".*"))
        mark(place, versions(bucket)[name])


def withdraw(store: ArtifactStore, name: str) -> None:
    """Have no host serve it any more. Raises `ArtifactsDown`."""
    store.delete_prefix(f"{PREFIX}/{name}")


@dataclass
class SharedRegistry(Registry):
    """A `Registry` that looks into the bucket now and then, and serves what it has meanwhile."""

    store: "BucketStore" = field(kw_only=True)
    _looked: float = field(default=-1e9, init=False)
    _door: threading.Lock = field(default_factory=threading.Lock, init=False)

    def get(self, name: str) -> Model:
        try:
            return super().get(name)
        except UnknownModel:
            if not self._due(AT_ONCE):
                raise
            self._look(PATIENCE)  # another host may just have made it
            return super().get(name)

    def refresh(self) -> None:
        if self._due(EVERY):
            self._look(0.0)

    def _due(self, seconds: float) -> bool:
        with self._door:
            return time.monotonic() - self._looked > seconds

    def _look(self, patience: float) -> None:
        with self._door:
            self._looked = time.monotonic()
        try:
            with claimed(self.folder, patience):
                follow(self.folder, self.store)
        except BlockingIOError:
            pass  # another process of this host is at it
        except (ArtifactsDown, ArtifactsRefused) as down:
            log.warning("models of other hosts are not seen", extra={"why": str(down)})


def follow(models: Path, store: "BucketStore") -> None:
    """Make the folder what the bucket has, but for what was put there by hand."""
    there = versions(store)
    here = {each.name: version_of(each) for each in models.iterdir() if each.is_dir()}
    for name, version in there.items():
        if name not in here or here[name] not in ("", version):
            with suppress(ArtifactMissing):  # removed at this moment
                fetch(models, store, name, version)
    for name, version in here.items():
        if version and name not in there:
            put_aside(models / name)


def fetch(models: Path, store: "BucketStore", name: str, version: str) -> None:
    desk = Path(tempfile.mkdtemp(prefix=".model-", dir=models.parent))
    try:
        with store.fetched(f"{PREFIX}/{name}") as folder:
            shutil.copytree(folder, desk / name)
        mark(desk / name, version)
        put_aside(models / name)
        (desk / name).rename(models / name)
    finally:
        shutil.rmtree(desk, ignore_errors=True)
    log.info("a model of another host is served", extra={"model": name})


def put_aside(folder: Path) -> None:
    """Removed at once for all who look, then its files."""
    aside = Path(tempfile.mkdtemp(prefix=".removed-", dir=folder.parent.parent))
    with suppress(FileNotFoundError):
        folder.rename(aside / folder.name)
    shutil.rmtree(aside, ignore_errors=True)


def versions(store: "BucketStore") -> dict[str, str]:
    """By the names of the models that lie in the bucket."""
    found = ((key.split("/")[1], etag) for key, etag in store.versions(PREFIX).items())
    return {name: etag for name, etag in found if re.fullmatch(NAME, name)}


def version_of(folder: Path) -> str:
    """ "" where it is no copy of the bucket's."""
    try:
        return (folder / MARK).read_text()
    except OSError:
        return ""


def mark(folder: Path, version: str) -> None:
    (folder / MARK).write_text(version)


@contextmanager
def claimed(models: Path, patience: float) -> Iterator[None]:
    """The folder for one process of this host. Raises `BlockingIOError` where another has it."""
    models.mkdir(parents=True, exist_ok=True)
    lock = os.open(models, os.O_RDONLY)
    end = time.monotonic() + patience
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise
            time.sleep(0.1)
        yield
    finally:
        os.close(lock)
