"""What a folder holds and says, read with suspicion: pictures, texts, JSON and tables.

Whatever is wrong raises `DataSetError`: one sentence that begins with the place.
"""

import csv
import json
import os
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from unicodedata import category, normalize

from models.training.dataset import DataSetError

PICTURES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".heic", ".heif", ".hif",
    ".gif", ".tif", ".tiff", ".bmp",
)  # fmt: skip
JUNK = ("__MACOSX", "Thumbs.db", "desktop.ini")
LONGEST = 200
"""Characters of a label or of a name."""
DEEPEST = 32
"""Folders in folders."""


class Source:
    """A data set's folder: its pictures, found once, by their path in it."""

    def __init__(self, folder: Path) -> None:
        """Raises `DataSetError` for what cannot be read."""
        self.folder = folder
        self.root = Path(os.path.realpath(folder))
        self.outside: list[str] = []
        """Links that lead out of the folder; whoever needs one of them must refuse it."""
        self.pictures = dict(self._walk(folder, ""))

    def _walk(self, folder: Path, above: str) -> Iterator[tuple[str, Path]]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            place = above or folder.name
            raise DataSetError(f"{place} cannot be read ({error.strerror}).") from error
        if above.count("/") > DEEPEST:
            raise DataSetError(f"{above[:LONGEST]}: folders are nested too deeply.")
        for entry in entries:
            if entry.name.startswith(".") or entry.name in JUNK:
                continue
            name = f"{above}{entry.name}"
            if entry.is_symlink() and self._leads_out(entry.path):
                self.outside.append(name)
            elif entry.is_dir(follow_symlinks=False):
                yield from self._walk(Path(entry.path), f"{name}/")
            elif Path(name).suffix.lower() in PICTURES and not entry.is_dir():
                yield _encodable(normalize("NFC", name)), Path(entry.path)

    def _leads_out(self, path: str | Path) -> bool:
        return not Path(os.path.realpath(path)).is_relative_to(self.root)

    def find(self, name: str, place: str, below: str = "") -> Path:
        """The file that `place` names, from the folder or from `below` in it."""
        name = normalize("NFC", name.strip().replace("\\", "/")).removeprefix("./")
        for known in (name, f"{below}/{name}"):
            if known in self.pictures:
                return self.pictures[known]
        if not name or unprintable(name):
            raise DataSetError(f"{place}: a file's name is empty or has control characters.")
        parts = name.split("/")
        if not parts[0] or re.match(r"[A-Za-z]:", name) or ".." in parts:
            raise DataSetError(f"{place}: {name[:LONGEST]} leads out of the folder.")
        if self._leads_out(self.folder / name):
            raise DataSetError(f"{place}: {name[:LONGEST]} leads out of the folder.")
        if not os.path.isfile(self.folder / name):  # noqa: PTH113, which raises for a long name
            raise DataSetError(f"{place}: {name[:LONGEST]} is not there.")
        return self.folder / name

    def text(self, name: str) -> str:
        """A file in UTF-8."""
        data = self.bytes(name)
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise DataSetError(f"{name}:{line}: the text is not UTF-8.") from error

    def bytes(self, name: str) -> bytes:
        if self._leads_out(self.folder / name):
            raise DataSetError(f"{name} leads out of the folder.")
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError as error:
            raise DataSetError(f"{name} is missing.") from error
        except OSError as error:
            raise DataSetError(f"{name} cannot be read ({error.strerror}).") from error

    def json(self, name: str) -> dict[str, Any]:
        """A file that is one JSON object."""
        text = self.text(name)
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            raise DataSetError(f"{name}:{error.lineno}: this is not JSON.") from error
        except (RecursionError, ValueError) as error:
            raise DataSetError(f"{name}: this JSON is too deep, or a number too long.") from error
        if not isinstance(value, dict):
            raise DataSetError(f"{name}: this JSON is not an object.")
        return value

    def table(self, name: str, *columns: str) -> Iterator[tuple[str, dict[str, str]]]:
        """The rows of a CSV whose first line names its columns, each with its place."""
        lines = list(StringIO(self.text(name), newline=""))
        # Spreadsheets write semicolons where the comma is a decimal point.
        semicolons = lines and lines[0].count(";") > lines[0].count(",")
        rows = csv.reader(lines, delimiter=";" if semicolons else ",", strict=True)
        try:
            header = [column.strip().lower() for column in next(rows, [])]
            for column in columns:
                if column not in header:
                    raise DataSetError(f"{name}:1: the column {column} is missing.")
            for row in rows:
                place = f"{name}:{rows.line_num}"
                if len(row) > len(header):
                    raise DataSetError(f"{place}: the line has more fields than the first.")
                if any(row):
                    blanks = [""] * (len(header) - len(row))
                    yield place, dict(zip(header, [*row, *blanks], strict=True))
        except csv.Error as error:
            raise DataSetError(f"{name}:{rows.line_num}: this is not CSV ({error}).") from error


def unprintable(text: str) -> bool:
    """Whether it has control characters, or what is no character at all."""
    return not text.isprintable() and any(
        category(each) in ("Cc", "Cs", "Zl", "Zp") for each in text
    )


def _encodable(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        shown = name.encode("utf-8", "backslashreplace").decode()
        raise DataSetError(f"{shown}: the file's name is not UTF-8.") from error
    return name
