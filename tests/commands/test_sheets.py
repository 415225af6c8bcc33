"""Tables survive being cut off anywhere."""

import csv
import json
from pathlib import Path

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commands.sheets import opened

COLUMNS = ("file", "name")
NAMES = ["a.jpg", 'quoted "b".jpg', "two\nlines.jpg", "d, e.jpg", "ñandú.jpg"]


def write(path: Path) -> list[str]:
    """Go on with the table; the names that were missing."""
    with opened(path, COLUMNS) as sheet:
        missing = [name for name in NAMES if name not in sheet.done]
        for name in missing:
            sheet.add([{"file": name, "name": f"bird of {name}"}])
    return missing


def files_in(path: Path) -> list[str]:
    if path.suffix == ".jsonl":
        return [json.loads(line)["file"] for line in path.read_text().splitlines()]
    with path.open(newline="") as file:
        return [row["file"] for row in csv.DictReader(file, strict=True)]


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1))
def test_no_row_is_lost_or_doubled(tmp_path: Path, ending: str, share: float) -> None:
    path = tmp_path / f"answers{ending}"
    path.unlink(missing_ok=True)
    write(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    write(path)
    assert files_in(path) == NAMES
    assert path.read_bytes() == data


def test_a_finished_table_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    assert write(path) == NAMES
    before = path.read_bytes()
    assert write(path) == []
    assert path.read_bytes() == before


DATES = "date,amount\n2026-01-01,3\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", DATES), ("a.csv", "nothing"), ("a.csv", "a,b,c\nd,e,f\n"),
        ("a.csv", "file,name\na,b\nc\nd,e\n"), ("a.jsonl", DATES), ("a.jsonl", "3\n"),
        ("a.jsonl", '{"name": "no file"}\n'),
    ],
)  # fmt: skip
def test_another_table_is_not_overwritten(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(click.UsageError, match="another table"):
        write(path)
    assert path.read_text() == text


def test_only_tables_are_written(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match=r"ends in \.csv or \.jsonl"):
        write(tmp_path / "answers.txt")
