"""`merian train` on photographs that are drawn: what it says, and what it keeps."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands.main import merian
from commands.train import name_after
from models.species.registry import Registry
from tests.models.training.lessons import drawn

SMALL = ("--epochs", "1", "--batch", "6", "--pixels", "64")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MERIAN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MERIAN_DEVICE", "cpu")
    return tmp_path / "data"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "Wild flowers"
    drawn(folder)
    return folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(merian, ["train", *map(str, arguments)])


def told(done: Result) -> Any:
    assert done.exit_code == 0, done.output
    (line,) = done.stdout.splitlines()
    return json.loads(line)


def test_a_folder_becomes_a_model(home: Path, folder: Path) -> None:
    found = told(run(folder, *SMALL, "--mode", "head+full", "--json"))
    assert set(found) == {"model", "backbone", "mode", "measured_on", "metrics", "seconds"}
    assert (found["model"], found["mode"]) == ("wild-flowers", "head+full")
    assert (found["backbone"], found["measured_on"]) == ("efficientnet_lite0", "test")
    assert found["metrics"]["n"] == 12 and found["metrics"]["top1"] > 0.9 and found["seconds"] > 0
    card = Registry(home / "models").get("wild-flowers").card
    assert card.metrics == found["metrics"]
    assert not list((home / "training").iterdir())  # no checkpoint is left
    photograph = next((folder / "test" / "Rosa canina").iterdir())
    named = CliRunner().invoke(
        merian, ["identify", str(photograph), "--model", "wild-flowers", "--json"]
    )
    assert json.loads(named.stdout)["answers"][0]["scientific_name"] == "Rosa canina"

    again = run(folder, *SMALL)
    assert again.exit_code == 1 and "a model called wild-flowers already" in again.stderr
    refit = told(run("--name", "wild-flowers", "--mode", "refit", "--json"))
    assert refit["mode"] == "head" and refit["metrics"]["top1"] > 0.9


def test_told_to_a_person(folder: Path) -> None:
    done = run(folder, *SMALL, "--mode", "head", "--name", "mine")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("mine is ready: ") and "of 12 photographs" in done.stdout
    assert "(test)" in done.stdout
    assert "Note: 3 classes have" not in done.stderr


def test_too_few_to_measure_with(tmp_path: Path) -> None:
    drawn(tmp_path / "few", {"train": 3, "val": 1})
    done = run(tmp_path / "few", *SMALL, "--mode", "head")
    assert done.exit_code == 0, done.output
    assert "too few photographs to measure it with" in done.stdout
    assert "Note: 3 classes have fewer than 10 photographs." in done.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["FOLDER", "--backbone", "dodonet"], "There is no network called dodonet."),
        (["EMPTY"], "empty"),
        (["nowhere"], "nowhere cannot be read"),
        (["FOLDER", "--name", "wildlife"], "comes with Merian"),
        (["--name", "nobody", "--mode", "refit"], "There is no model called nobody"),
        (["--name", "nothing"], "There is no folder of photographs"),
        (["--name", "wildlife", "--mode", "refit"], "wildlife was not taught here"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    tmp_path: Path, folder: Path, home: Path, arguments: list[str], why: str
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"FOLDER": folder, "EMPTY": tmp_path / "empty"}
    done = run(*(places.get(each, each) for each in arguments))
    assert done.exit_code == 1 and done.stdout == ""
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert why in line and "Traceback" not in done.stderr
    assert not (home / "models").exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "Name the model with --name."),
        (["FOLDER", "--epochs", "-1"], "must be at least 0"),
        (["FOLDER", "--mode", "half"], "is not one of"),
        (["FOLDER", "--name", "No Name"], "is not written as its help says"),
    ],
)
def test_wrong_arguments_are_told(folder: Path, arguments: list[str], why: str) -> None:
    done = run(*(folder if each == "FOLDER" else each for each in arguments))
    assert done.exit_code == 2 and why in done.stderr


def test_a_model_is_called_after_its_folder() -> None:
    for folder, name in (("Wild flowers", "wild-flowers"), ("leeds.10/", "leeds-10"), ("_a_", "a")):
        assert name_after(Path("/data") / folder) == name


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "commands.main", "train", str(folder), *SMALL, *arguments]
    return subprocess.Popen(
        command, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A shell that runs tests in the background has its children ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 120
    while not path.exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)


def test_interrupted_it_keeps_the_best_so_far(home: Path, folder: Path) -> None:
    process = start(folder, "--mode", "full", "--epochs", "200", "--json")
    wait_for(home / "training" / "wild-flowers.pt", process)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    assert "Interrupted: what was learnt so far is kept." in error and "Traceback" not in error
    found = json.loads(out)
    assert found["measured_on"] == "val" and found["metrics"]["n"] == 12
    card = Registry(home / "models").get("wild-flowers").card
    assert card.training is not None and 1 <= len(card.training["curves"]) < 200
    assert not list((home / "training").iterdir())


def test_killed_it_goes_on_when_it_is_run_again(home: Path, folder: Path) -> None:
    process = start(folder, "--mode", "full", "--epochs", "3")
    wait_for(home / "training" / "wild-flowers.pt", process)
    process.kill()
    process.communicate()
    assert not (home / "models").exists()
    assert (home / "training" / "wild-flowers.pt").exists()
    told(run(folder, *SMALL, "--mode", "full", "--epochs", "3", "--json"))
    card = Registry(home / "models").get("wild-flowers").card
    assert card.training is not None
    assert [each["epoch"] for each in card.training["curves"]] == [1, 2, 3]


def test_interrupted_before_anything_was_learnt_it_says_so(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*about: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("models.training.course.load_trunk", interrupted)
    done = run(folder, *SMALL)
    assert done.exit_code == 1 and "before anything was learnt" in done.stderr
    assert not (home / "models").exists()
