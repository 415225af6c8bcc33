"""What was once found out about a photograph, kept on disk by the sha256 of its file.

One SQLite file holds what inspections saw and the features that networks made: a head that is
trained again, with other options or a few more photographs, needs no look at those known already.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.checkpoints import SECONDS
from models.training.looking import Looked

Features = npt.NDArray[np.float32]
SCHEMA = """
CREATE TABLE IF NOT EXISTS looked (sha256 TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS features (
    network TEXT, sha256 TEXT, view INTEGER, vector BLOB NOT NULL,
    PRIMARY KEY (network, sha256, view)
) WITHOUT ROWID;
"""
PATIENCE = 30.0
"""Seconds to wait for another process that writes."""
AT_ONCE = 500
"""Photographs that one question asks for."""


@dataclass(frozen=True)
class Cache:
    """One file, which several processes may use at the same time."""

    path: Path

    @contextmanager
    def known(self) -> Iterator["KnownFiles"]:
        """What inspections saw of files; what is new is written now and then, and at the end."""
        with self._open() as file:
            rows = file.execute("SELECT sha256, record FROM looked").fetchall()
        files = KnownFiles(dict(rows), self._note)
        try:
            yield files
        finally:
            files.write()

    def _note(self, looked: Iterable[tuple[str, str]]) -> None:
        with self._open() as file:
            file.executemany("INSERT OR REPLACE INTO looked VALUES (?, ?)", looked)

    def features(self, network: str, photographs: Iterable[str], view: int) -> dict[str, Features]:
        """The features (C,) of those photographs, by sha256, that are known of one view."""
        wanted = list(photographs)
        found: dict[str, Features] = {}
        with self._open() as file:
            for first in range(0, len(wanted), AT_ONCE):
                part = wanted[first : first + AT_ONCE]
                marks = ",".join("?" * len(part))
                rows = file.execute(
                    "SELECT sha256, vector FROM features "  # noqa: S608 - marks are question marks
                    f"WHERE network = ? AND view = ? AND sha256 IN ({marks})",
                    (network, view, *part),
                )
                found |= {
                    sha256: np.frombuffer(vector, np.float16).astype(np.float32)
                    for sha256, vector in rows
                }
        return found

    def keep_features(
        self, network: str, view: int, vectors: Iterable[tuple[str, Features]]
    ) -> None:
        rows = [
            (network, sha256, view, vector.astype(np.float16).tobytes())
            for sha256, vector in vectors
        ]
        with self._open() as file:
            file.executemany("INSERT OR REPLACE INTO features VALUES (?, ?, ?, ?)", rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=PATIENCE)
        try:
            connection.executescript(SCHEMA)
            with connection:
                yield connection
        finally:
            connection.close()


@dataclass
class KnownFiles:
    """What was seen of files, by their sha256."""

    records: dict[str, str]
    note: Callable[[Iterable[tuple[str, str]]], None]
    new: dict[str, str] = field(default_factory=dict)
    written: float = field(default_factory=time.monotonic)

    def get(self, sha256: str) -> Looked | None:
        record = self.records.get(sha256)
        return Looked.from_record(json.loads(record)) if record else None

    def put(self, sha256: str, looked: Looked) -> None:
        self.new[sha256] = json.dumps(looked.to_record())
        if time.monotonic() - self.written > SECONDS:
            self.write()

    def write(self) -> None:
        """Let what is new outlive this process."""
        self.note(self.new.items())
        self.new.clear()
        self.written = time.monotonic()
