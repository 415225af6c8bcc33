"""`merian backup` and `merian restore` on a real ledger; what goes wrong is one sentence."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commands.main import merian
from workers.embedded import private_valkey
from workers.jobs import Job
from workers.ledger import Ledger
from workers.store import connect


@pytest.fixture(autouse=True)
def home(valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MERIAN_REDIS_URL", valkey_url)
    monkeypatch.setenv("MERIAN_DATA", str(tmp_path / "home"))
    return tmp_path / "home"


def run(*words: object) -> Result:
    return CliRunner().invoke(merian, [str(word) for word in words])


def test_there_and_back(
    ledger: Ledger, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ledger.create(Job(owner="ann", options={}, inputs={}), 9)
    picture = home / "artifacts" / job.folder / "content.jpg"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"picture")
    file = tmp_path / "backup.tar.gz"
    done = run("backup", file)
    assert done.exit_code == 0 and "1 jobs and 2 files" in done.output
    monkeypatch.delenv("MERIAN_REDIS_URL")
    done = run("restore", file, "--data", tmp_path / "new")
    assert done.exit_code == 0 and "1 jobs" in done.output, done.output
    found = tmp_path / "new" / "artifacts" / job.folder / "content.jpg"
    assert found.read_bytes() == b"picture"
    with private_valkey(tmp_path / "new" / "valkey") as url:
        assert Ledger(connect(url)).get(job.id) == job


def test_what_cannot_be_is_one_sentence(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "x.tar.gz"
    file.write_bytes(b"no archive")
    done = run("restore", file)
    assert done.exit_code == 1 and "is damaged, or is no backup" in done.output
    assert run("backup", file).exit_code == 0
    ledger.create(Job(owner="ann", options={}, inputs={}), 9)
    done = run("restore", file)
    assert done.exit_code == 1 and "store of jobs is not empty" in done.output
    monkeypatch.setenv("MERIAN_REDIS_URL", f"unix://{tmp_path}/nothing.sock")
    for command in ("backup", "restore"):
        done = run(command, file)
        assert done.exit_code == 1 and "does not answer" in done.output
        assert "Traceback" not in done.output
