"""Brings a backup back into a new folder and an empty store: all of it, checked, or nothing."""

import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from workers.backup import FILES, FOLDERS, LEDGER, TABLE, VERSION, Account
from workers.embedded import private_valkey
from workers.settings import Bucket, SettingError, WorkerSettings
from workers.snapshot import restore_snapshot

PIECE = 1 << 20


class BackupDamaged(Exception):
    """The file is no backup, or not what it was when it was written. The text says where."""


class NotEmpty(Exception):
    """There is something already where the backup is to go."""


def restore(settings: WorkerSettings, file: Path) -> Account:
    """Bring a backup back into a data folder that is new or empty, and into its store.

    Nothing stays of an archive that turns out to be damaged. Raises `BackupDamaged`, `NotEmpty`,
    `SettingError`, `LedgerInUse`, `StoreDown`, `EmbeddedError`, `OSError`.
    """
    for place in folders(settings):
        if place.exists() and any(place.iterdir()):
            raise NotEmpty(f"{place} is not empty. Restore into a new folder.")
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with undone_on_failure(settings):
        ledger = settings.data / LEDGER
        account = unpack(settings, file)
        with ExitStack() as stack, ledger.open("rb") as lines:
            url = settings.redis_url or stack.enter_context(
                private_valkey(settings.data / "valkey")
            )
            jobs = restore_snapshot(url, lines)
        ledger.unlink()
    return Account(account.files, account.bytes, jobs)


def folders(settings: WorkerSettings) -> set[Path]:
    """That files are written to; those of a backup of artifacts in a bucket are not in it."""
    return {each for each in (settings.data, settings.artifacts) if isinstance(each, Path)}


@contextmanager
def undone_on_failure(settings: WorkerSettings) -> Iterator[None]:
    """The folders were empty before; they are again where something goes wrong."""
    try:
        yield
    except BaseException:
        for place in folders(settings):
            for each in place.iterdir() if place.is_dir() else ():
                shutil.rmtree(each) if each.is_dir() else each.unlink()
        raise


def unpack(settings: WorkerSettings, file: Path) -> Account:
    """Every file to its place, its sum compared with the table. Raises `BackupDamaged`."""
    sums, total, table = {}, 0, None
    try:
        with tarfile.open(file, mode="r:gz") as archive:
            for member in archive:
                source = archive.extractfile(member) if member.isreg() else None
                if source is None:
                    raise BackupDamaged(f"{member.name} is no file.")
                if member.name == TABLE:
                    table = json.loads(source.read())
                    continue
                sums[member.name] = written(source, place_of(settings, member.name))
                total += member.size
    except SettingError:
        raise
    except (tarfile.TarError, EOFError, ValueError, OSError) as failure:
        if isinstance(failure, OSError) and failure.errno is not None:
            raise  # the disk, not the archive
        raise BackupDamaged(f"{file} is damaged, or is no backup: {failure}") from failure
    if table is None or table.get("version") != VERSION:
        raise BackupDamaged(f"{file} was cut off, or is no backup of this version.")
    wanted = table["files"]
    for name in sorted(wanted.keys() | sums.keys()):
        if wanted.get(name) != sums.get(name):
            raise BackupDamaged(f"{name} is not what it was when the backup was made.")
    return Account(len(sums), total, 0)


def place_of(settings: WorkerSettings, name: str) -> Path:
    """Where a member belongs. Raises `BackupDamaged` where it would leave the folder."""
    parts = PurePosixPath(name).parts
    plain = "\\" not in name and not any(part.startswith(".") or part == "/" for part in parts)
    if plain and name in (LEDGER, *FILES):
        return settings.data / name
    if plain and len(parts) > 1 and parts[0] in FOLDERS:
        root = settings.artifacts if parts[0] == "artifacts" else settings.data / parts[0]
        if isinstance(root, Bucket):
            raise SettingError(
                f"The backup has pictures of a folder, and MERIAN_ARTIFACTS is {root}."
            )
        return root.joinpath(*parts[1:])
    raise BackupDamaged(f"{name} does not belong into a backup.")


def written(source: IO[bytes], place: Path) -> str:
    """Write one file that is not there yet; its SHA-256."""
    place.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        while piece := source.read(PIECE):
            digest.update(piece)
            target.write(piece)
    return digest.hexdigest()
