"""A bucket that is slow, silent, cut off, away or not ours; and what a machine keeps of it."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.s3 import Faulty, environ, make_bucket
from workers.artifacts import ArtifactsDown, ArtifactsRefused
from workers.bucket import BucketStore
from workers.settings import Bucket

PATIENCE = 15.0


@pytest.fixture
def wire(s3_address: str, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Faulty]:
    """To the server, for the client to be set to."""
    made = Faulty(s3_address)
    monkeypatch.setenv("AWS_ENDPOINT_URL", made.address)
    yield made
    made.close()


@pytest.fixture
def remote(wire: Faulty, bucket: Bucket, tmp_path: Path) -> BucketStore:
    return BucketStore(bucket, tmp_path / "cache", 1_000_000, PATIENCE)


def other_host(bucket: Bucket, tmp_path: Path) -> BucketStore:
    return BucketStore(bucket, tmp_path / "elsewhere", 1_000_000, PATIENCE)


@pytest.mark.parametrize("kind", ["slow_down", "reset"])
def test_what_goes_wrong_a_few_times_is_done_again(
    remote: BucketStore, wire: Faulty, kind: str
) -> None:
    wire.next(kind, "PUT", times=2)
    remote.write("jobs/a/x", b"picture")
    wire.next(kind, "GET", times=2)
    assert remote.read("jobs/a/x") == b"picture"
    wire.next(kind, "GET", times=2)
    assert remote.path("jobs/a/x").read_bytes() == b"picture"
    wire.next(kind, "GET", times=2)
    assert remote.below("jobs") == ["jobs/a"]
    wire.next(kind, "POST", times=2)
    remote.delete_prefix("jobs/a")
    assert not remote.exists("jobs/a/x")
    assert sum(asked.startswith("PUT") for asked in wire.asked) == 3


def test_an_answer_that_is_cut_off_is_no_artifact(remote: BucketStore, wire: Faulty) -> None:
    data = os.urandom(300_000)
    remote.write("jobs/a/x", data)
    for ask in (remote.read, lambda key: remote.path(key).read_bytes()):
        wire.next("cut", "GET", times=2)
        assert ask("jobs/a/x") == data
    assert not any(remote.desks.iterdir())


def test_one_that_does_not_answer_is_told_in_time(
    remote: BucketStore, wire: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.write("jobs/a/x", b"picture")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    lost = BucketStore(remote.bucket, remote.desks.parent, 1_000_000, 0.5)
    began = time.monotonic()
    for ask in (lost.path, lost.exists, lost.below):
        with pytest.raises(ArtifactsDown, match="MERIAN_ARTIFACTS cannot be reached"):
            ask("jobs/a/x")
    with pytest.raises(ArtifactsDown):
        lost.write("jobs/a/x", b"other")
    assert time.monotonic() - began < 30
    began = time.monotonic()
    for _ in range(20):  # previews and checkpoints do not wait for one that was away just now
        with pytest.raises(ArtifactsDown):
            lost.write("jobs/a/preview.jpg", b"preview", durable=False)
    assert time.monotonic() - began < 0.5
    assert remote.read("jobs/a/x") == b"picture"


def test_who_has_patience_asks_though_who_has_none_gave_up(
    remote: BucketStore, wire: Faulty
) -> None:
    wire.next("reset", "PUT", times=8)
    with pytest.raises(ArtifactsDown):
        remote.write("jobs/a/preview.jpg", b"preview", durable=False)
    remote.write("jobs/a/painting.png", b"painting")
    assert remote.below("jobs/a") == ["jobs/a/painting.png"]


def test_silence_ends(remote: BucketStore, wire: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.s3.READ_SECONDS", 1)
    wire.next("silence", "PUT")
    began = time.monotonic()
    remote.write("jobs/a/x", b"picture")
    assert 1.0 < time.monotonic() - began < PATIENCE
    assert remote.read("jobs/a/x") == b"picture"


def test_refusals_say_what_to_look_at(
    remote: BucketStore, wire: Faulty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.next("refuse", "PUT", times=1)
    with pytest.raises(ArtifactsRefused, match=r"AccessDenied.*AWS_ACCESS_KEY_ID"):
        remote.write("jobs/a/x", b"picture")
    assert sum(asked.startswith("PUT") for asked in wire.asked) == 1  # asking again is of no use
    nowhere = BucketStore(Bucket("nobody-made-it"), tmp_path / "cache", 1_000_000, PATIENCE)
    for ask in (nowhere.read, nowhere.path, nowhere.below):
        with pytest.raises(ArtifactsRefused, match=r"nobody-made-it .* does not exist"):
            ask("jobs/a/x")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    keyless = BucketStore(remote.bucket, tmp_path / "cache", 1_000_000, PATIENCE)
    with pytest.raises(ArtifactsRefused, match="set AWS_ACCESS_KEY_ID"):
        keyless.write("jobs/a/x", b"picture")


def test_a_large_file_goes_in_parts_and_none_is_seen_before_all_are_there(
    remote: BucketStore, wire: Faulty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.s3.PART", 5 << 20)
    data = os.urandom(1 << 20) * 23
    file = tmp_path / "archive"
    file.write_bytes(data)
    remote.s3.patience = 0.0
    wire.next("refuse", "PUT", times=1)
    with pytest.raises(ArtifactsRefused):
        remote.move_in("jobs/a/archive.zip", file)
    assert file.exists() and remote.below("jobs") == []
    assert any(asked.startswith("DELETE") for asked in wire.asked)  # its parts are given up
    remote.s3.patience = PATIENCE
    wire.next("slow_down", "PUT", times=3)
    remote.move_in("jobs/a/archive.zip", file)
    assert sum("uploadId" in asked or "partNumber" in asked for asked in wire.asked) >= 5
    assert remote.path("jobs/a/archive.zip").read_bytes() == data


def test_more_keys_than_one_answer_holds_are_found_and_removed(
    remote: BucketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.s3.MOST_AT_ONCE", 10)
    for number in range(25):
        remote.write(f"jobs/a/{number}", b"")
    assert len(remote.below("jobs/a")) == len(remote.versions("jobs/a")) == 25
    remote.delete_prefix("jobs/a")
    assert remote.below("jobs/a") == []


def test_a_copy_is_used_while_the_bucket_has_the_same(
    remote: BucketStore, wire: Faulty, bucket: Bucket, tmp_path: Path
) -> None:
    other = other_host(bucket, tmp_path)
    remote.write("jobs/a/preview.jpg", b"first")
    copy = other.path("jobs/a/preview.jpg")
    inode = copy.stat().st_ino
    assert other.path("jobs/a/preview.jpg").stat().st_ino == inode
    remote.write("jobs/a/preview.jpg", b"second")
    assert other.path("jobs/a/preview.jpg").read_bytes() == b"second"
    remote.delete_prefix("jobs/a")  # on another machine
    with pytest.raises(LookupError):
        other.path("jobs/a/preview.jpg")


def test_a_process_that_was_forked_asks_by_itself(remote: BucketStore) -> None:
    remote.write("jobs/a/x", b"parent")
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        good = remote.read("jobs/a/x") == b"parent"
        remote.write("jobs/a/y", b"child")
        os._exit(0 if good else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert remote.read("jobs/a/y") == b"child"


def test_a_bucket_needs_no_prefix_and_names_need_no_address(
    s3_address: str, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is called by name is asked by path: it has no name for each bucket."""
    for name, value in environ(s3_address.replace("127.0.0.1", "localhost")).items():
        monkeypatch.setenv(name, value)
    make_bucket(s3_address, "plain-bucket")
    store = BucketStore(Bucket("plain-bucket"), tmp_path / "cache", 1_000_000, PATIENCE)
    store.write("jobs/a/x", b"picture")
    assert store.below("jobs") == ["jobs/a"] and store.read("jobs/a/x") == b"picture"
