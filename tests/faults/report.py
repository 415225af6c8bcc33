"""The table that `make faults` ends with; FAULTS_REPORT names a file for the same as JSON lines."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from tests.faults.load import Account


@dataclass(frozen=True)
class Row:
    fault: str
    repetitions: int
    accepted: int
    lost: int
    doubled: int
    recovered: list[float] = field(default_factory=list)
    """Seconds, one for each time."""
    remark: str = ""

    def cells(self) -> list[str]:
        times = self.recovered
        took = f"{median(times):.1f} s, worst {max(times):.1f} s" if times else "-"
        numbers = (self.repetitions, self.accepted, self.lost, self.doubled)
        return [self.fault, *map(str, numbers), took, self.remark]


HEAD = ["fault", "times", "accepted", "lost", "doubled", "recovered in", ""]
rows: list[Row] = []


def times(name: str, usual: int) -> int:
    """How often a fault is tried: FAULTS_KILLS, FAULTS_VALKEY... where that is set."""
    return int(os.environ.get(f"FAULTS_{name}", usual))


def note(
    fault: str, repetitions: int, account: Account, recovered: list[float], remark: str = ""
) -> None:
    row = Row(
        fault, repetitions, account.accepted, account.lost, account.doubled,
        [round(each, 2) for each in recovered], remark,
    )  # fmt: skip
    rows.append(row)
    if path := os.environ.get("FAULTS_REPORT"):
        with Path(path).open("a") as file:
            file.write(json.dumps(asdict(row)) + "\n")


def table() -> list[str]:
    cells = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    return [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
