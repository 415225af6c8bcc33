"""ZIP archives from strangers: photographs and tables come out, and nothing leaves the folder.

What attacks by archives do is refused by name: paths that lead elsewhere, links, several names for
one file, data that several entries share and data that grows without end (Fifield, "A better zip
bomb", WOOT 2019). Imports no torch.
"""

import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from models.training.dataset import DataSetError
from models.training.readers.source import JUNK, PICTURES

TABLES = (".csv", ".txt", ".json", ".xml")
DIRECTORY_BYTES = 512
"""What an entry takes in the archive's directory at most, on average."""
CHUNK = 1 << 20
LONGEST_NAME = 255
DEEPEST = 32
LOCAL_HEADER = 30
"""Bytes before an entry's name."""
STRETCH, HARMLESS = 200, 10_000_000
"""How many times its size an entry may have; below so many bytes it may be anything."""

DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError, NotImplementedError,
    struct.error,
)  # fmt: skip
"""All the ways in which zipfile fails at damaged archives."""


@dataclass(frozen=True)
class ArchiveLimits:
    """What an archive may hold, unpacked."""

    max_bytes: int
    max_files: int


class Bounded(io.BufferedReader):
    """A file of which nobody reads more at once than an archive's directory may have."""

    def __init__(self, path: Path, max_files: int) -> None:
        super().__init__(io.FileIO(path))
        self.max_files = max_files
        self.most = max(CHUNK, max_files * DIRECTORY_BYTES)

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            size = self.most + 1  # zipfile asks so for the last bytes
        data = super().read(min(size, self.most + 1))
        if len(data) > self.most:
            raise DataSetError(f"The archive lists far more than {self.max_files} files.")
        return data


def unpack(archive: Path, folder: Path, limits: ArchiveLimits) -> Iterator[tuple[int, int]]:
    """Write the archive's photographs and tables below `folder`, which must exist.

    Yields after each file how many of how many there are. Raises `DataSetError` naming the entry;
    what was written until then is left.
    """
    with reading(archive, limits.max_files) as opened:
        entries = opened.infolist()
        for entry in entries:
            check(entry)
        wanted = [entry for entry in entries if is_wanted(entry)]
        if len(wanted) > limits.max_files:
            raise DataSetError(
                f"The archive holds {len(wanted)} files; at most {limits.max_files} can be used."
            )
        check_names(wanted)
        check_places(entries, opened.start_dir)
        left = limits.max_bytes
        for number, entry in enumerate(wanted, 1):
            left -= write(opened, entry, folder, left, limits)
            yield number, len(wanted)


@contextmanager
def reading(archive: Path, max_files: int) -> Iterator[ZipFile]:
    """Raises `DataSetError` for what is no ZIP archive."""
    with Bounded(archive, max_files) as file:
        try:
            opened = ZipFile(file)
        except DataSetError:
            raise
        except (*DAMAGED, OSError) as wrong:
            raise DataSetError("The file is not a ZIP archive, or it is damaged.") from wrong
        with opened:
            yield opened


def check(entry: ZipInfo) -> None:
    """Raises `DataSetError` for an entry that no honest archive has, or that cannot be read."""
    name = entry.orig_filename
    shown = name[:100]
    parts = name.split("/")
    drive = len(parts[0]) > 1 and parts[0][1] == ":"
    if name.startswith("/") or ".." in parts or "\\" in name or drive:
        raise DataSetError(f"{shown}: an archive may not name a place outside of itself.")
    if any(unicodedata.category(letter).startswith("C") for letter in name):
        raise DataSetError(f"{shown!r}: the name holds characters that cannot be shown.")
    if len(parts) > DEEPEST or any(len(part.encode()) > LONGEST_NAME for part in parts):
        raise DataSetError(f"{shown}: the name is too long.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DataSetError(f"{shown}: links and special files cannot be used.")
    if entry.flag_bits & 0x41:
        raise DataSetError(f"{shown}: the archive is encrypted. Make one without a password.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataSetError(f"{shown}: it is compressed in a way that cannot be read. Use deflate.")


def is_wanted(entry: ZipInfo) -> bool:
    """Whether a data set may need it; what systems put beside the files of people is not."""
    parts = [part for part in entry.filename.split("/") if part != "."]
    if entry.is_dir() or any(part.startswith(".") or part in JUNK for part in parts):
        return False
    return Path(parts[-1]).suffix.lower() in {*PICTURES, *TABLES}


def check_names(wanted: list[ZipInfo]) -> None:
    """Two entries of one name would overwrite each other, on some disks also if only case differs.

    Raises `DataSetError`.
    """
    files: set[str] = set()
    folders: set[str] = set()
    for entry in wanted:
        name = unicodedata.normalize("NFC", entry.filename).casefold()
        parts = [part for part in name.split("/") if part not in ("", ".")]
        above = {"/".join(parts[:count]) for count in range(1, len(parts))}
        name = "/".join(parts)
        if name in files or name in folders or above & files:
            raise DataSetError(f"{entry.filename[:100]}: the archive holds two of this name.")
        files.add(name)
        folders |= above


def check_places(entries: list[ZipInfo], end: int) -> None:
    """Each entry must have its own bytes of the archive. Raises `DataSetError`."""
    placed = sorted(entries, key=lambda entry: entry.header_offset)
    ends = [*(entry.header_offset for entry in placed), end][1:]
    for entry, following in zip(placed, ends, strict=True):
        header = LOCAL_HEADER + len(entry.orig_filename)  # at least
        if not 0 <= entry.header_offset <= following - header - entry.compress_size:
            raise DataSetError(f"{entry.filename[:100]}: it shares its data with another entry.")


def write(opened: ZipFile, entry: ZipInfo, folder: Path, most: int, limits: ArchiveLimits) -> int:
    """Bytes written, at most `most`. Raises `DataSetError`."""
    shown, written = entry.filename[:100], 0
    target = folder.joinpath(*entry.filename.split("/"))
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with opened.open(entry) as source, target.open("xb") as file:
            while chunk := source.read(CHUNK):
                written += len(chunk)
                if written > most:
                    raise DataSetError(
                        f"{shown}: unpacked, the archive has more than "
                        f"{limits.max_bytes / 1e6:.0f} MB."
                    )
                if written > max(HARMLESS, STRETCH * entry.compress_size):
                    raise DataSetError(f"{shown}: it grows to many times its size when unpacked.")
                file.write(chunk)
    except DataSetError:
        raise
    except DAMAGED as damage:
        raise DataSetError(f"{shown}: it is damaged in the archive.") from damage
    return written
