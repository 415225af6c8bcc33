"""`merian jobs` on a real ledger: list, show, cancel, remove."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commands.main import merian
from models.style.options import PAINTERS
from tests.models.species.test_registry import write_model
from workers.artifacts import FolderStore
from workers.jobs import Job
from workers.ledger import JobNotFound, Ledger


@pytest.fixture(autouse=True)
def home(valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERIAN_REDIS_URL", valkey_url)
    monkeypatch.setenv("MERIAN_DATA", str(tmp_path))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(merian, ["jobs", *arguments])


def make(ledger: Ledger, owner: str = "ann") -> Job:
    return ledger.create(Job(owner=owner, options={"size": 64}, inputs={}), limit=10)


def test_lists_every_owners_jobs(ledger: Ledger) -> None:
    assert "no jobs" in run().output
    made = {make(ledger, owner).id for owner in ("ann", "bob")}
    listed = json.loads(run("--json").stdout)
    assert {job["id"] for job in listed} == made
    assert {job["owner"] for job in listed} == {"ann", "bob"}
    assert "queued" in run().output


def test_shows_and_cancels_one(ledger: Ledger) -> None:
    job = make(ledger)
    assert json.loads(run("show", job.id, "--json").stdout)["state"] == "queued"
    assert job.id in run("show", job.id).output
    assert json.loads(run("cancel", job.id, "--json").stdout)["state"] == "cancelled"
    assert ledger.get(job.id).state == "cancelled"


def test_removes_one_with_its_pictures(ledger: Ledger, tmp_path: Path) -> None:
    job, store = make(ledger), FolderStore(tmp_path / "artifacts")
    store.write(f"{job.folder}/content.jpg", b"x")
    assert run("remove", job.id).exit_code == 0
    assert not store.exists(f"{job.folder}/content.jpg")
    with pytest.raises(JobNotFound):
        ledger.get(job.id)


@pytest.mark.parametrize("deed", ["show", "cancel", "remove"])
def test_a_job_that_is_not_there_is_one_sentence(ledger: Ledger, deed: str) -> None:
    done = run(deed, "0" * 32)
    assert done.exit_code == 1
    assert "There is no job" in done.output


def test_a_store_that_is_down_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERIAN_REDIS_URL", f"unix://{tmp_path}/nothing.sock")
    done = run()
    assert done.exit_code == 1
    assert "merian up" in done.output


def test_models_lists_what_there_is_and_where_the_weights_are(tmp_path: Path) -> None:
    write_model(tmp_path / "models")
    (write_model(tmp_path / "models", "beetles") / "card.json").write_text("{}")
    done = CliRunner().invoke(merian, ["models", "--json"])
    assert "Not served: beetles: card.json is wrong" in done.stderr
    rows = json.loads(done.stdout)
    assert [row["name"] for row in rows] == [*PAINTERS, "wildlife", "moths"]
    assert [row["kind"] for row in rows][-3:] == ["painter", "species", "species"]
    assert rows[0]["available"]
    assert Path(rows[0]["file"]).is_file()
    shown = CliRunner().invoke(merian, ["models", "show", "light"])
    assert "efficientnet_lite0" in shown.output
    shown = CliRunner().invoke(merian, ["models", "show", "wildlife", "--json"])
    assert json.loads(shown.stdout)["network"] == "efficientnet_lite2"
    shown = CliRunner().invoke(merian, ["models", "show", "dodos"])
    assert shown.exit_code == 1 and "There are: wildlife, moths." in shown.output
