"""What was measured, one JSON object a line: an interrupted run goes on where it stopped."""

import json
from pathlib import Path
from typing import Any

Record = dict[str, Any]


class Records:
    """Records in memory and, with a path, in a file that only ever grows."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.all: list[Record] = []
        if path is not None and path.exists():
            self.all = [record for line in path.read_text().splitlines() if (record := _read(line))]

    def find(self, key: Record) -> Record | None:
        """The latest record with every entry of `key`."""
        entries = key.items()
        found = (r for r in reversed(self.all) if all(r.get(k) == v for k, v in entries))
        return next(found, None)

    def add(self, record: Record) -> None:
        self.all.append(record)
        if self.path is not None:
            whole = not self.path.exists() or self.path.read_bytes()[-1:] in (b"", b"\n")
            with self.path.open("a") as file:
                file.write(("" if whole else "\n") + json.dumps(record) + "\n")


def _read(line: str) -> Record | None:
    """A line's record; None for one that was cut off."""
    try:
        record: Record = json.loads(line)
    except json.JSONDecodeError:
        return None
    return record
