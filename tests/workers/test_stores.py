"""What every store of artifacts promises, a folder or a bucket: whole or not at all, by key."""

import errno
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from workers.artifacts import ArtifactMissing, ArtifactStore, StoreFull

Asks = Callable[[str], object]


def test_what_was_written_is_read(any_store: ArtifactStore) -> None:
    any_store.write("jobs/a/content.jpg", b"one")
    assert any_store.path("jobs/a/content.jpg").read_bytes() == b"one"
    any_store.write("jobs/a/content.jpg", lambda file: file.write(b"two") and None, durable=False)
    assert any_store.read("jobs/a/content.jpg") == b"two"
    assert any_store.open("jobs/a/content.jpg").read() == b"two"
    assert any_store.path("jobs/a/content.jpg").read_bytes() == b"two"
    assert any_store.exists("jobs/a/content.jpg")


def test_what_is_not_there_is_missing(any_store: ArtifactStore) -> None:
    assert not any_store.exists("jobs/a/x.png")
    asks: tuple[Asks, ...] = (
        any_store.read, any_store.open, any_store.path
    )  # fmt: skip
    for ask in asks:
        with pytest.raises(ArtifactMissing, match="jobs/a/x"):
            ask("jobs/a/x.png")
    any_store.write("jobs/a/x.png", b"")
    assert any_store.read("jobs/a/x.png") == b""
    with pytest.raises(ArtifactMissing):
        any_store.path("jobs/a")
    with pytest.raises(ArtifactMissing), any_store.fetched("jobs/a/dataset"):
        pass
    any_store.delete("jobs/b/none")
    any_store.delete_prefix("jobs/b")


def test_what_was_removed_is_missing_though_it_was_used(any_store: ArtifactStore) -> None:
    for remove, asked in ((any_store.delete, "jobs/a/p"), (any_store.delete_prefix, "jobs/a")):
        any_store.write("jobs/a/p", b"painting")
        path = any_store.path("jobs/a/p")
        remove(asked)
        assert not path.exists()
        with pytest.raises(ArtifactMissing):
            any_store.path("jobs/a/p")


def test_a_write_that_fails_leaves_what_was_there(any_store: ArtifactStore) -> None:
    def half(file: BinaryIO) -> None:
        file.write(b"half")
        raise RuntimeError("the painter fell")

    any_store.write("jobs/a/p.png", b"before")
    with pytest.raises(RuntimeError):
        any_store.write("jobs/a/p.png", half)
    assert any_store.read("jobs/a/p.png") == b"before"
    assert any_store.below("jobs/a") == ["jobs/a/p.png"]


def test_a_full_disk_is_named(any_store: ArtifactStore) -> None:
    def full(file: BinaryIO) -> None:
        with Path("/dev/full").open("wb", buffering=0) as device:
            device.write(b"x")

    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this platform")
    with pytest.raises(StoreFull) as caught:
        any_store.write("jobs/a/p.png", full)
    assert caught.value.errno == errno.ENOSPC
    assert any_store.below("jobs/a") == []


def test_a_key_that_is_no_plain_path_is_refused(any_store: ArtifactStore) -> None:
    for key in (
        "", "/etc/passwd", "../x", "jobs/../../x", "jobs/./x", "jobs//x", "jobs/", ".hidden",
        "jobs/.x.part", "a\\b", "a\0b", "a\n", "jobs/ä",
    ):  # fmt: skip
        for ask in (any_store.read, any_store.exists, any_store.delete, any_store.delete_prefix):
            with pytest.raises(ValueError, match="not an artifact's key"):
                ask(key)
        with pytest.raises(ValueError, match="not an artifact's key"):
            any_store.write(key, b"x")


def test_a_prefix_goes_with_everything_under_it_and_nothing_beside(
    any_store: ArtifactStore,
) -> None:
    for key in ("jobs/a/1/p.png", "jobs/a/content.jpg", "jobs/ab/content.jpg"):
        any_store.write(key, b"x")
    with any_store.filling("jobs/a/dataset") as folder:
        folder.mkdir(parents=True)
    any_store.delete_prefix("jobs/a")
    assert any_store.below("jobs/a") == []
    assert any_store.below("jobs") == ["jobs/ab"]
    assert any_store.read("jobs/ab/content.jpg") == b"x"


def test_what_is_below_is_told_a_level_at_a_time_and_in_order(any_store: ArtifactStore) -> None:
    assert any_store.below("jobs") == []
    for key in ("jobs/b/2/x", "jobs/b/1/x", "jobs/b/content.jpg", "jobs/a/x", "jobs/b.jpg"):
        any_store.write(key, b"")
    assert any_store.below("jobs") == ["jobs/a", "jobs/b", "jobs/b.jpg"]
    assert any_store.below("jobs/b") == ["jobs/b/1", "jobs/b/2", "jobs/b/content.jpg"]
    assert any_store.below("jobs/a/x") == []


def test_what_was_not_touched_since_is_found_and_the_newest_first(any_store: ArtifactStore) -> None:
    assert any_store.untouched("jobs", 9e9) == []
    any_store.write("jobs/old/x", b"")
    any_store.write("styles/z.jpg", b"")
    any_store.write("styles/folder/x.jpg", b"")
    time.sleep(2.1)  # S3 tells whole seconds
    moment = time.time() - 1.0
    any_store.write("jobs/new/x", b"")
    any_store.write("styles/a.jpg", b"")
    assert any_store.untouched("jobs", moment) == ["jobs/old"]
    assert sorted(any_store.untouched("jobs", moment + 3600)) == ["jobs/new", "jobs/old"]
    assert any_store.newest("styles") == ["styles/a.jpg", "styles/z.jpg"]
    assert any_store.newest("nothing") == []


def test_a_file_that_is_moved_in_is_gone_from_where_it_was(
    any_store: ArtifactStore, tmp_path: Path
) -> None:
    file = tmp_path / "upload"
    file.write_bytes(b"archive")
    any_store.move_in("jobs/a/archive.zip", file)
    assert any_store.read("jobs/a/archive.zip") == b"archive"
    assert not file.exists()
    with pytest.raises(ValueError, match="not an artifact's key"):
        any_store.move_in("../evil", any_store.path("jobs/a/archive.zip"))


def test_a_file_is_added_and_stays_where_it_was(any_store: ArtifactStore, tmp_path: Path) -> None:
    file = tmp_path / "clean.jpg"
    file.write_bytes(b"picture")
    any_store.add("jobs/a/content.jpg", file)
    assert any_store.read("jobs/a/content.jpg") == b"picture" == file.read_bytes()
    file.unlink()
    assert any_store.read("jobs/a/content.jpg") == b"picture"
    with pytest.raises(ValueError, match="not an artifact's key"):
        any_store.add("../evil", any_store.path("jobs/a/content.jpg"))


def test_a_folder_is_filled_and_fetched_as_a_whole(any_store: ArtifactStore) -> None:
    with any_store.filling("jobs/a/dataset") as folder:
        (folder / "photographs").mkdir(parents=True)
        (folder / "split.csv").write_bytes(b"path")
        (folder / "photographs" / "1.jpg").write_bytes(b"one")
    with any_store.fetched("jobs/a/dataset") as found:
        files = {str(p.relative_to(found)): p.read_bytes() for p in found.rglob("*") if p.is_file()}
    assert files == {"split.csv": b"path", "photographs/1.jpg": b"one"}
    any_store.delete_prefix("jobs/a")
    with (
        pytest.raises(ArtifactMissing, match="jobs/a/dataset"),
        any_store.fetched("jobs/a/dataset"),
    ):
        pass


def test_one_that_takes_files_says_nothing(any_store: ArtifactStore) -> None:
    any_store.check()
    any_store.sweep()
    assert any_store.below("jobs") == []
