"""Backups: of everything that is kept, to where nothing is, unharmed or not at all."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from workers.artifacts import FolderStore
from workers.backup import LEDGER, TABLE, back_up
from workers.embedded import EmbeddedError, private_valkey
from workers.jobs import Job, Progress, State
from workers.ledger import Ledger
from workers.restoring import BackupDamaged, NotEmpty, restore
from workers.settings import WorkerSettings
from workers.snapshot import LedgerInUse
from workers.store import Store, connect
from workers.submit import Submitter


@pytest.fixture
def home(redis: Store, valkey_url: str, tmp_path: Path) -> WorkerSettings:
    return WorkerSettings(redis_url=valkey_url, data=tmp_path / "home")


@pytest.fixture
def jobs(ledger: Ledger, home: WorkerSettings) -> dict[str, Job]:
    """One that waits, one that runs, one that is done, with their files and others."""
    store = FolderStore(home.artifacts)
    made = {}
    for name in ("waits", "runs", "done"):
        empty = Job(owner="ann", options={"size": 64}, inputs={})
        inputs = {"content": f"{empty.folder}/content.jpg"}
        store.write(inputs["content"], name.encode())
        job = Job(owner="ann", options=empty.options, inputs=inputs, id=empty.id)
        made[name] = Submitter(ledger, 9).submit(job, (name, "x"))
    for name in ("runs", "done"):
        attempt = ledger.take(made[name].id, "elsewhere/1/2/x")
        assert attempt
        attempt.progress(Progress(1, 2, 0.5))
        if name == "done":
            store.write(f"{attempt.folder}/painting.png", b"\x89PNG painting")
            attempt.succeed({"key": f"{attempt.folder}/painting.png"})
    for name, data in KEPT.items():
        place = home.data / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    for name in LEFT_OUT:
        place = home.data / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"can be had again")
    return {name: ledger.get(job.id) for name, job in made.items()}


KEPT = {
    "secret-key": b"sesame",
    "audit.log": b"{}\n",
    "models/mine/card.json": b"{}",
    "datasets/flowers/rose/0.jpg": b"\xff\xd8",
    "artifacts/corrections/mine/j/correction.json": b"{}",
}
LEFT_OUT = (
    "incoming/x/upload", "logs/web.log", "weights/vgg.pth", "features.sqlite",
    ".removed-1/card.json", "artifacts/jobs/.x.part", "valkey/appendonly.aof",
)  # fmt: skip


@pytest.fixture
def file(home: WorkerSettings, jobs: dict[str, Job], tmp_path: Path) -> Path:
    file = tmp_path / "kept" / "backup.tar.gz"
    account = back_up(home, file)
    assert account.jobs == 3 and account.files == 10  # the ledger, four of jobs, five others
    return file


@pytest.fixture
def fresh(tmp_path: Path) -> WorkerSettings:
    return WorkerSettings(data=tmp_path / "fresh")


@pytest.fixture
def empty_server(tmp_path: Path) -> Iterator[str]:
    with private_valkey(tmp_path / "other") as url:
        yield url


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "appendonlydir" and "valkey." not in path.name
    }


def test_only_its_owner_may_read_it(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_everything_comes_back(
    file: Path, home: WorkerSettings, fresh: WorkerSettings, jobs: dict[str, Job], redis: Store
) -> None:
    redis.flushdb()
    before = contents(home.data)
    account = restore(fresh, file)
    assert (account.jobs, account.files) == (3, 10)
    after = contents(fresh.data)
    assert after == {name: data for name, data in before.items() if name not in LEFT_OUT}
    assert (fresh.data / "secret-key").stat().st_mode & 0o777 == 0o600
    with private_valkey(fresh.data / "valkey") as url:
        ledger = Ledger(connect(url))
        assert ledger.get(jobs["done"].id) == jobs["done"]
        assert ledger.get(jobs["waits"].id) == jobs["waits"]
        again = ledger.get(jobs["runs"].id)
        assert (again.state, again.attempt) == (State.QUEUED, 0)
        assert {job.id for job in ledger.page("ann", 9)[0]} == {job.id for job in jobs.values()}
        assert ledger.held() == [] and ledger.counts()["slow"] == 2
        repeated = Submitter(ledger, 9).submit(
            Job(owner="ann", options={"size": 64}, inputs={}), ("done", "x")
        )
        assert repeated.id == jobs["done"].id
        # The messages are not among it: the janitor sends them anew.
        assert ledger.redis.keys("merian:broker:*") == []
        assert set(ledger.unpublished("slow", -1, "merian:broker:slow")) == {
            jobs["waits"].id, jobs["runs"].id,
        }  # fmt: skip
        assert 0 < int(ledger.redis.ttl("merian:idempotency:ann:done")) <= 26 * 3600


def test_a_server_that_was_set_gets_the_ledger(
    file: Path, fresh: WorkerSettings, empty_server: str, jobs: dict[str, Job]
) -> None:
    settings = WorkerSettings(redis_url=empty_server, data=fresh.data)
    assert restore(settings, file).jobs == 3
    assert Ledger(connect(empty_server)).get(jobs["done"].id) == jobs["done"]
    assert not (fresh.data / "valkey").exists()


def test_nothing_is_overwritten(
    file: Path, fresh: WorkerSettings, home: WorkerSettings, valkey_url: str
) -> None:
    before = contents(home.data)
    with pytest.raises(NotEmpty, match="not empty"):
        restore(WorkerSettings(data=home.data), file)
    assert contents(home.data) == before
    with pytest.raises(LedgerInUse):
        restore(WorkerSettings(redis_url=valkey_url, data=fresh.data), file)
    assert contents(fresh.data) == {}


def test_a_folder_in_which_a_server_runs_is_left_alone(file: Path, fresh: WorkerSettings) -> None:
    with private_valkey(fresh.data / "valkey"), pytest.raises((NotEmpty, EmbeddedError)):
        restore(fresh, file)


def rewritten(file: Path, change: Callable[[dict[str, bytes]], Any], **kinds: Any) -> Path:
    """The archive with other members; its table is made to fit where `change` asks for it."""
    with tarfile.open(file) as archive:
        members = {each.name: archive.extractfile(each).read() for each in archive}  # type: ignore[union-attr]
    change(members)
    new = file.with_name("new.tar.gz")
    with tarfile.open(new, "w:gz") as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return new


def in_table(members: dict[str, bytes], name: str, data: bytes) -> None:
    """Add a file as somebody would who means harm: the table agrees."""
    table = json.loads(members.pop(TABLE))
    table["files"][name] = hashlib.sha256(data).hexdigest()
    members[name] = data
    members[TABLE] = json.dumps(table).encode()


@pytest.mark.parametrize(
    "name",
    [
        "../outside", "/etc/outside", "artifacts/../../outside", "artifacts/.hidden",
        "valkey/dump.rdb", "artifacts", "elsewhere/x", "secret-key/x", "artifacts/..\\outside", "",
    ],
)  # fmt: skip
def test_no_member_leaves_the_folder(file: Path, fresh: WorkerSettings, name: str) -> None:
    harmful = rewritten(file, lambda members: in_table(members, name, b"harm"))
    with pytest.raises(BackupDamaged):
        restore(fresh, harmful)
    assert contents(fresh.data) == {}
    assert not list(file.parent.parent.rglob("outside"))


def test_a_link_is_no_file(file: Path, fresh: WorkerSettings) -> None:
    new = file.with_name("link.tar.gz")
    with tarfile.open(new, "w:gz") as archive:
        member = tarfile.TarInfo("artifacts/x")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
    with pytest.raises(BackupDamaged, match="no file"):
        restore(fresh, new)
    assert contents(fresh.data) == {}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda members: members.update({"secret-key": b"other!"}), "secret-key is not what"),
        (lambda members: members.pop("models/mine/card.json"), "card.json is not what"),
        (lambda members: members.pop(TABLE), "cut off"),
        (lambda members: members.pop(LEDGER), "ledger.jsonl is not what"),
        (lambda members: members.update({"artifacts/new": b"x"}), "artifacts/new is not what"),
    ],
)
def test_what_is_not_as_it_was_is_refused(
    file: Path, fresh: WorkerSettings, change: Callable[[dict[str, bytes]], Any], why: str
) -> None:
    with pytest.raises(BackupDamaged, match=why):
        restore(fresh, rewritten(file, change))
    assert contents(fresh.data) == {}


@pytest.mark.parametrize("share", [0.0, 0.3, 0.98])
def test_a_file_that_was_cut_off_is_refused(
    file: Path, fresh: WorkerSettings, share: float
) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(BackupDamaged):
        restore(fresh, file)
    assert contents(fresh.data) == {}


def test_no_backup_at_all_is_refused(fresh: WorkerSettings, tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_bytes(b"not an archive" * 100)
    with pytest.raises(BackupDamaged):
        restore(fresh, tmp_path / "x.tar.gz")
