"""All that Merian keeps in one file, made while it runs; workers/restoring.py brings it back.

The ledger first, then the files: whatever a job of the ledger needs was there before the job was.
A table at the end has the SHA-256 of every file. Left out is what can be had again: weights,
features, logs, uploads on their way; and artifacts in a bucket, which has means of its own.
"""

import hashlib
import io
import json
import os
import tarfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

from workers.artifacts import replacing
from workers.embedded import redis_url
from workers.settings import Bucket, WorkerSettings
from workers.snapshot import snapshot

LEDGER = "ledger.jsonl"
TABLE = "table.json"
FOLDERS = ("artifacts", "models", "datasets")
FILES = ("secret-key", "audit.log")
VERSION = 1
IN_MEMORY = 64 << 20


@dataclass(frozen=True)
class Account:
    """What a backup holds."""

    files: int
    bytes: int
    jobs: int


def back_up(settings: WorkerSettings, file: Path) -> Account:
    """Write everything to `file`, a tar.gz that only its owner may read; all of it or nothing.

    Merian may run meanwhile, and its store must answer. Raises `StoreDown`, `OSError`.
    """
    sums: dict[str, str] = {}
    with replacing(file.absolute(), durable=True) as target:
        os.fchmod(target.fileno(), 0o600)
        with tarfile.open(fileobj=target, mode="w:gz", compresslevel=1) as archive:
            jobs, total = add_ledger(archive, settings, sums)
            for name, path in kept_files(settings):
                # Removed since it was listed: then its job is, too, or has another in its place.
                with suppress(FileNotFoundError), path.open("rb") as source:
                    size = os.fstat(source.fileno()).st_size
                    sums[name] = add(archive, name, source, size)
                    total += size
            table = json.dumps({"version": VERSION, "made": time.time(), "files": sums}).encode()
            add(archive, TABLE, io.BytesIO(table), len(table))
    return Account(len(sums), total, jobs)


def add_ledger(
    archive: tarfile.TarFile, settings: WorkerSettings, sums: dict[str, str]
) -> tuple[int, int]:
    """How many jobs there are, and bytes of their records."""
    jobs = 0
    with SpooledTemporaryFile(IN_MEMORY) as lines:
        for line in snapshot(redis_url(settings)):
            jobs += line.startswith(b'{"key": "merian:job:')
            lines.write(line)
        size = lines.tell()
        lines.seek(0)
        sums[LEDGER] = add(archive, LEDGER, lines, size)
    return jobs, size


def kept_files(settings: WorkerSettings) -> Iterator[tuple[str, Path]]:
    """Every file by its name in a backup; not what is being written under another name."""
    for name in FILES:
        if (path := settings.data / name).is_file():
            yield name, path
    for name in FOLDERS:
        root = settings.artifacts if name == "artifacts" else settings.data / name
        if isinstance(root, Bucket):
            continue
        for path in sorted(root.rglob("*")):
            inside = path.relative_to(root)
            hidden = any(part.startswith(".") for part in inside.parts)
            if path.is_file() and not path.is_symlink() and not hidden:
                yield f"{name}/{inside.as_posix()}", path


def add(archive: tarfile.TarFile, name: str, source: IO[bytes], size: int) -> str:
    """Put one file into the archive; its SHA-256."""
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o600, int(time.time())
    reader = Summed(source, size)
    archive.addfile(member, reader)
    return reader.digest.hexdigest()


class Summed:
    """Reads `size` bytes of a file, however it grows meanwhile, and sums them up."""

    def __init__(self, source: IO[bytes], size: int) -> None:
        self.source = source
        self.left = size
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.source.read(min(size, self.left) if size >= 0 else self.left)
        self.left -= len(data)
        self.digest.update(data)
        return data
