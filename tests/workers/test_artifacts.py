"""What is a folder's own; what every store promises is in test_stores.py."""

import errno
import os
from pathlib import Path
from typing import BinaryIO

import pytest

from workers.artifacts import FolderStore, StoreFull


def files(store: FolderStore) -> list[str]:
    return sorted(str(p.relative_to(store.root)) for p in store.root.rglob("*") if p.is_file())


def test_a_write_that_fails_leaves_what_was_there(store: FolderStore) -> None:
    def half(file: BinaryIO) -> None:
        file.write(b"half")
        raise RuntimeError("the painter fell")

    store.write("jobs/a/p.png", b"before")
    with pytest.raises(RuntimeError):
        store.write("jobs/a/p.png", half)
    assert store.read("jobs/a/p.png") == b"before"
    assert files(store) == ["jobs/a/p.png"]


def test_a_prefix_goes_with_everything_under_it_and_nothing_beside(store: FolderStore) -> None:
    for key in ("jobs/a/1/p.png", "jobs/a/content.jpg", "jobs/ab/content.jpg"):
        store.write(key, b"x")
    (store.root / "jobs/a/.p.png.0.part").write_bytes(b"left by a worker that was killed")
    store.delete_prefix("jobs/a")
    assert files(store) == ["jobs/ab/content.jpg"]
    assert not (store.root / "jobs/a").exists()


def test_untouched_folders_are_found(store: FolderStore) -> None:
    assert store.untouched("jobs", 9e9) == []
    store.write("jobs/old/x", b"")
    store.write("jobs/new/x", b"")
    os.utime(store.root / "jobs/old", (1000, 1000))
    assert store.untouched("jobs", 2000) == ["jobs/old"]


def test_a_file_that_is_moved_in_is_not_copied(store: FolderStore, tmp_path: Path) -> None:
    file = tmp_path / "upload"
    file.write_bytes(b"archive")
    inode = file.stat().st_ino
    store.move_in("jobs/a/archive.zip", file)
    assert store.path("jobs/a/archive.zip").stat().st_ino == inode
    assert not file.exists()
    with pytest.raises(ValueError, match="not an artifact's key"):
        store.move_in("../evil", store.path("jobs/a/archive.zip"))


def test_a_file_on_another_disk_is_moved_in_too(store: FolderStore) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == store.root.parent.stat().st_dev:
        pytest.skip("no other disk on this platform")
    file = other / f"merian-test-{os.getpid()}"
    file.write_bytes(b"archive")
    store.move_in("jobs/a/archive.zip", file)
    assert store.read("jobs/a/archive.zip") == b"archive"
    assert not file.exists() and files(store) == ["jobs/a/archive.zip"]


def test_a_folder_belongs_to_the_store(store: FolderStore) -> None:
    with store.filling("jobs/a/dataset") as folder:
        assert not folder.exists() and store.below("jobs/a") == []
        folder.mkdir(parents=True)
        (folder / "split.csv").write_bytes(b"path")
        (folder / ".part").write_bytes(b"")
    assert store.read("jobs/a/dataset/split.csv") == b"path"
    assert store.below("jobs/a/dataset") == ["jobs/a/dataset/split.csv"]
    with store.fetched("jobs/a/dataset") as fetched:
        assert fetched == folder
    store.delete_prefix("jobs/a")
    assert not folder.exists()


def test_what_cannot_be_linked_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    file = tmp_path / "clean.jpg"
    file.write_bytes(b"picture")
    store = FolderStore(tmp_path / "artifacts")
    store.add("jobs/a/content.jpg", file)
    assert store.read("jobs/a/content.jpg") == b"picture"


def test_a_disk_that_fills_up_while_it_is_linked_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    file = tmp_path / "clean.jpg"
    file.write_bytes(b"picture")
    with pytest.raises(StoreFull):
        FolderStore(tmp_path / "artifacts").add("jobs/a/content.jpg", file)
