"""Copies on this machine: as many bytes as are allowed, the ones used last."""

import os
import time
from pathlib import Path

import pytest

from workers.copies import HOUR, SPARED, Copies


@pytest.fixture
def copies(tmp_path: Path) -> Copies:
    return Copies(tmp_path / "copies", most=1000)


def taken(copies: Copies, key: str, size: int = 300, age: float = 0.0, etag: str = "e1") -> Path:
    file = copies.folder.parent / "fetched"
    file.write_bytes(bytes(size))
    path = copies.take(key, etag, file)
    used = time.time() - age
    os.utime(path, (used, used))
    return path


def test_what_was_used_longest_ago_goes_first(copies: Copies) -> None:
    kept = [taken(copies, f"jobs/a/{n}", age=SPARED + 60 - n) for n in range(3)]
    assert copies.find("jobs/a/0") == kept[0]  # used now
    new = taken(copies, "jobs/b/new")
    copies.trim()
    assert [path.exists() for path in (*kept, new)] == [True, False, True, True]
    assert not (copies.folder / "jobs/a/1").exists()


def test_who_was_given_one_may_open_it(copies: Copies) -> None:
    paths = [taken(copies, f"jobs/{n}", size=900) for n in range(3)]
    copies.trim()
    assert all(path.exists() for path in paths)


def test_after_an_hour_without_use_none_is_kept(copies: Copies) -> None:
    old, young = taken(copies, "jobs/a/x", age=HOUR + 1), taken(copies, "jobs/b/x", age=HOUR - 60)
    copies.tidy()
    assert (old.exists(), young.exists()) == (False, True)
    assert not (copies.folder / "jobs/a").exists()


def test_another_content_takes_the_place(copies: Copies) -> None:
    first, second = taken(copies, "jobs/a/x"), taken(copies, "jobs/a/x", etag='"5d-2"')
    assert not first.exists() and copies.find("jobs/a/x") == second
    assert second.name == "_5d-2_"


def test_what_is_dropped_is_gone(copies: Copies) -> None:
    taken(copies, "jobs/a/1/x")
    taken(copies, "jobs/ab/x")
    copies.drop("jobs/a")
    copies.drop("jobs/none")
    assert copies.find("jobs/a/1/x") is None and copies.find("jobs/ab/x")
