"""Tables that are written row by row and gone on with after a kill: CSV and JSON lines.

Every row is whole on the disk before the next is worked on, and a last row that was cut off is
dropped when the file is opened again: no photograph is lost or listed twice.
"""

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

ENDINGS = (".csv", ".jsonl")


class Sheet:
    """A table with named columns; the first says which photograph a row is about."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        """Raises `click.UsageError` for a file that is another table, `OSError`."""
        self.path, self.columns = path, columns
        self.csv = path.suffix.lower() == ".csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_bytes().decode("utf-8", "replace") if path.exists() else ""
        rows, whole = self._read(text)
        self.done = {row[columns[0]] for row in rows}
        self.file = path.open("r+b" if path.exists() else "xb")
        self.file.truncate(len(whole.encode()))
        self.file.seek(0, os.SEEK_END)
        if self.csv and not whole:
            self._put([columns])

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if self.csv:
            self._put([[row.get(column, "") for column in self.columns] for row in rows])
        else:
            self._write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))

    def _put(self, rows: Sequence[Sequence[Any]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        self._write(text.getvalue())

    def _write(self, text: str) -> None:
        self.file.write(text.encode())
        self.file.flush()
        os.fsync(self.file.fileno())

    def _read(self, text: str) -> tuple[list[dict[str, Any]], str]:
        """The whole rows there are, and the text as far as they go: the last may be cut off.

        Raises `click.UsageError` where this is not such a table.
        """
        lines = list(io.StringIO(text, newline=""))
        rows, kept = self._rows(lines) if self.csv else self._objects(lines)
        whole = "".join(lines[:kept])
        left = text[len(whole) :]
        if not whole and not ",".join(self.columns).startswith(left) and self.csv:
            raise self._foreign()
        return rows, whole

    def _objects(self, lines: Sequence[str]) -> tuple[list[dict[str, Any]], int]:
        kept = len(lines) if not lines or lines[-1].endswith("\n") else len(lines) - 1
        try:
            rows = [json.loads(line) for line in lines[:kept]]
        except ValueError as error:
            raise self._foreign() from error
        if any(not isinstance(row, dict) or self.columns[0] not in row for row in rows):
            raise self._foreign()
        return rows, kept

    def _rows(self, lines: Sequence[str]) -> tuple[list[dict[str, Any]], int]:
        rows: list[list[str]] = []
        kept = 0
        reader = csv.reader(lines, strict=True)
        with suppress(csv.Error):  # a quotation that was cut off: the last row
            for row in reader:
                if len(row) != len(self.columns) or not lines[reader.line_num - 1].endswith("\n"):
                    break
                rows.append(row)
                kept = reader.line_num
        if reader.line_num < len(lines) or (rows and rows[0] != list(self.columns)):
            raise self._foreign()
        return [dict(zip(self.columns, row, strict=True)) for row in rows[1:]], kept

    def _foreign(self) -> click.UsageError:
        return click.UsageError(f"{self.path} is another table; choose another name.")


@contextmanager
def opened(path: Path, columns: Sequence[str]) -> Iterator[Sheet]:
    if path.suffix.lower() not in ENDINGS:
        raise click.UsageError(f"-o {path}: the name of a table ends in .csv or .jsonl.")
    sheet = Sheet(path, columns)
    try:
        yield sheet
    finally:
        sheet.file.close()
