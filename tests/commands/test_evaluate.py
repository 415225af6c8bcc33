"""`merian evaluate`: the report on a model, or on a file of predictions."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from commands.main import merian

PREDICTIONS = {
    "pred_lab": [[0, 1, 2], [1, 0, 2], [2, 1, 0], [0, 2, 1]],
    "pred_prob": [[0.9, 0.06, 0.04], [0.6, 0.3, 0.1], [0.5, 0.3, 0.2], [0.8, 0.1, 0.1]],
    "true_lab": [0, 0, 2, 1],
}
CONTRACT = {"n", "top1", "top5", "macro_top1", "ece", "by_confidence"}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(merian, ["evaluate", *map(str, arguments)])


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERIAN_DATA", str(tmp_path / "data"))


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    path = tmp_path / "predictions.json"
    path.write_text(json.dumps(PREDICTIONS))
    return path


@pytest.fixture
def fish(tmp_path: Path) -> Path:
    for label in ("Tinca tinca", "Carassius auratus"):
        for number in range(2):
            path = tmp_path / "fish" / label / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.effect_noise((64, 64), 40 + 20 * number).convert("RGB").save(path)
    return tmp_path / "fish"


def test_a_file_of_predictions(predictions: Path) -> None:
    answer = run("--predictions", predictions, "--json")
    assert answer.exit_code == 0, answer.output
    told: dict[str, Any] = json.loads(answer.stdout)
    assert set(told) >= CONTRACT
    # Right at once: the first and the third; the truth is among the first five of all.
    assert (told["n"], told["top1"], told["top5"]) == (4, 0.5, 1.0)
    by_cutoff = {row["cutoff"]: row for row in told["by_confidence"]}
    # At least 0.8 sure: the first, which is right, and the fourth, which is not.
    assert by_cutoff[0.8] == {"cutoff": 0.8, "share": 0.5, "top1": 0.5, "top5": 1.0}
    assert by_cutoff[0.9] == {"cutoff": 0.9, "share": 0.25, "top1": 1.0, "top5": 1.0}
    assert by_cutoff[0.95] == {"cutoff": 0.95, "share": 0.0, "top1": None, "top5": None}


def test_for_a_person(predictions: Path) -> None:
    answer = run("--predictions", predictions)
    assert answer.stdout.startswith("4 photographs: 50.0% right, 100.0% among the first five")
    assert "0.95" in answer.stdout


def test_a_model_with_a_folder(fish: Path) -> None:
    answer = run("--model", "wildlife", fish, "--json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.stdout)
    assert set(told) >= CONTRACT
    assert (told["n"], told["left_out"]) == (4, 0)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Name a model and a folder, or a file of --predictions."),
        (["--model", "wildlife"], "Name a model and a folder, or a file of --predictions."),
        (["--predictions", "PREDICTIONS", "FISH"], "--predictions needs neither a model nor a"),
        (["--model", "nothing", "FISH"], "There is no model called nothing."),
        (["--model", "wildlife", "FISH", "--split", "test"], "no photographs in the split test."),
        (["--predictions", "FISH"], "fish"),
    ],
)
def test_what_cannot_be(predictions: Path, fish: Path, arguments: list[str], sentence: str) -> None:
    places = {"PREDICTIONS": predictions, "FISH": fish}
    answer = run(*(places.get(each, each) for each in arguments))
    assert answer.exit_code != 0
    assert sentence in answer.output
    assert "Traceback" not in answer.output
