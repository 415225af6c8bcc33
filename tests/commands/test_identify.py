"""`merian identify` on real photographs with the packaged model."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from commands.main import merian
from tests.models.species.test_registry import write_model

PHOTOGRAPHS = Path(__file__).parents[2] / "static" / "samples" / "content"
CAT, COFFEE, ROCKET = (PHOTOGRAPHS / f"{name}.jpg" for name in ("chelsea", "coffee", "rocket"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MERIAN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MERIAN_DEVICE", "cpu")
    return tmp_path / "data"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(merian, ["identify", *map(str, arguments)])


def test_a_cat_is_a_cat_and_things_are_nothing() -> None:
    done = run(CAT, COFFEE, ROCKET, "--json", "--top-k", "3")
    assert done.exit_code == 0, done.output
    cat, coffee, rocket = (json.loads(line) for line in done.stdout.splitlines())
    assert not cat["rejected"] and cat["file"] == str(CAT) and cat["model"] == "wildlife"
    assert len(cat["answers"]) == 3
    best = cat["answers"][0]
    assert (best["scientific_name"], best["name"], best["rank"]) == (
        "Felis catus", "domestic cat", "species",
    )  # fmt: skip
    assert cat["rollup"]["probability"] >= best["probability"] > 0.5
    assert [each["reason"] for each in (coffee, rocket)] == ["not_alive", "not_alive"]


def test_told_to_a_person() -> None:
    done = run(CAT, COFFEE)
    assert "species Felis catus (domestic cat)" in done.stdout
    assert "coffee.jpg: nothing (not_alive)" in done.stdout


def test_a_wrong_file_is_told_and_the_others_are_named(tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("not a picture")
    done = run(tmp_path / "notes.jpg", CAT, "--json")
    assert done.exit_code == 1
    wrong, cat = (json.loads(line) for line in done.stdout.splitlines())
    assert "not a picture" in wrong["error"] and "answers" not in wrong
    assert cat["answers"][0]["scientific_name"] == "Felis catus"
    assert "1 of 2 could not be read" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nowhere.jpg"], "There is no nowhere.jpg"),
        ([CAT, "--model", "dodos"], "no model called dodos. There are: wildlife."),
        ([CAT, "-o", "answers.txt"], "ends in .csv or .jsonl"),
        ([CAT, "--top-k", "0"], "top-k"),
    ],
)
def test_wrong_arguments_are_told(arguments: list[str | Path], why: str) -> None:
    done = run(*arguments)
    assert done.exit_code != 0 and why in done.stderr
    assert not Path("answers.txt").exists()


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "There is no picture in" in run(tmp_path / "empty").stderr


def test_a_damaged_model_is_refused_by_name(home: Path) -> None:
    (write_model(home / "models") / "model.safetensors").write_bytes(b"others")
    done = run(CAT, "--model", "moths")
    assert done.exit_code == 1 and "moths: model.safetensors is not the file" in done.stderr


@pytest.mark.parametrize("changes", [{}, {"backbone": "alexnet"}])
def test_a_model_with_foreign_weights_is_refused(home: Path, changes: dict[str, str]) -> None:
    write_model(home / "models", **changes)
    done = run(CAT, "--model", "moths")
    assert done.exit_code == 1 and "moths: " in done.stderr


def many(folder: Path, count: int) -> list[str]:
    """A folder of small photographs; the names of the files."""
    folder.mkdir()
    with Image.open(CAT) as cat:
        small = cat.resize((150, 100))
    for number in range(count):
        small.save(folder / f"{number:03}.jpg")
    return [str(folder / f"{number:03}.jpg") for number in range(count)]


def test_a_table_goes_on_after_a_kill(tmp_path: Path) -> None:
    names = many(tmp_path / "photographs", 40)
    table = tmp_path / "answers.csv"
    command = [
        sys.executable,
        "-m",
        "commands.main",
        "identify",
        tmp_path / "photographs",
        "-o",
        table,
    ]
    with subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.DEVNULL) as process:
        while not table.exists() or table.read_text().count("\n") < 10:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    before = table.read_text().count("\n")
    assert before < 41
    done = run(tmp_path / "photographs", "-o", table)
    assert done.exit_code == 0, done.output
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == names
    assert {row["scientific_name"] for row in rows} == {"Felis catus"}
    assert {row["rejected"] for row in rows} == {"False"}


def test_a_table_of_json_lines(tmp_path: Path) -> None:
    table = tmp_path / "new" / "answers.jsonl"
    assert run(COFFEE, "-o", table).exit_code == 0
    assert json.loads(table.read_text())["reason"] == "not_alive"
