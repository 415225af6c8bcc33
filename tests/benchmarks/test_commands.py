"""The commands, end to end on the smallest paintings."""

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from torchvision.models import resnet50

from benchmarks import memory, painting, resuming, sizes, speed, tiling
from benchmarks.flop import FlopCount


def run(command: object, *words: str | Path) -> str:
    done = CliRunner().invoke(command, [str(word) for word in words])  # type: ignore[arg-type]
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A judge that never learnt."""
    folder = tmp_path_factory.mktemp("weights")
    torch.save(resnet50(weights=None).half().state_dict(), folder / "resnet50.pth")
    return folder


def test_a_painting_is_recorded_kept_and_not_repeated(weights: Path, tmp_path: Path) -> None:
    output, plot = tmp_path / "measured.jsonl", tmp_path / "fronts.svg"
    words = [
        "--pairs", "1", "--size", "64", "--method", "light", "--strength", "0.5", "--set",
        "steps=2", "--label", "quick", "--weights", weights, "--json", output,
    ]  # fmt: skip
    said = run(painting.main, *words, "--keep", tmp_path / "kept", "--plot", plot)
    assert "| light quick | 1 | 1 |" in said
    (record,) = map(json.loads, output.read_text().splitlines())
    assert record["evaluations"] == 2 and 0 < record["content"] < 2
    assert len(list((tmp_path / "kept").glob("*.png"))) == 1
    assert plot.read_text().startswith("<svg")
    run(painting.main, *words)
    assert len(output.read_text().splitlines()) == 1
    assert "| light quick | 1 | 1 |" in run(painting.main, "--report", "--json", output)


def test_without_a_judge_the_command_says_what_to_do() -> None:
    done = CliRunner().invoke(painting.main, ["--pairs", "1", "--method", "light"])
    assert done.exit_code == 2 and "--weights FOLDER" in done.output


@pytest.mark.parametrize(
    "words", [("--set", "steps=-1"), ("--recipe", "nothing=1"), ("--pairs", "some")]
)
def test_a_wrong_choice_is_refused_before_anything_is_painted(words: tuple[str, str]) -> None:
    done = CliRunner().invoke(painting.main, ["--method", "light", *words])
    assert done.exit_code == 2 and "Error" in done.output


def test_sizes_are_compared_pair_by_pair() -> None:
    one, other = ({"pair": "a", "style": style} for style in (0.4, 0.5))
    text = sizes.compared([{512: one, 2048: other}, {512: one, 2048: None}], 512, 2048)
    assert "| a | 0.400 | 0.500 | 1.250 |" in text
    assert "25.0% over 1 pairs" in text


def test_memory_is_told_beside_its_forecast() -> None:
    record = {"case": "light:64", "width": 64, "height": 48, "seconds": 1.0}
    text = memory.told([{**record, "bytes": 500_000_000, "forecast": 550_000_000}])
    assert "| light:64 | 64 x 48 | 1 | 500 | 550 | +10.0% |" in text


def test_what_a_killed_painter_costs_is_a_table() -> None:
    whole = resuming.Course(passed=60.0, computed=100.0, checkpoints=5, saving=0.6)
    cut = resuming.Course(72.5, 108.0, killed=45.0, reached=0.75, resumed=0.7)
    text = resuming.told(whole, cut)
    assert "| killed after | 45.0 | 75% of the work |" in text
    assert "| later by | 12.5 | 8.0 |" in text and "1.00% of the time" in text


def test_tiles_are_compared(tmp_path: Path) -> None:
    words = "--method", "light", "--size", "97x65", "--rounds", "1"
    output = tmp_path / "tiles.jsonl"
    assert "| light | 97x65 |" in run(tiling.main, *words, "--json", output)
    assert json.loads(output.read_text())["error"] <= 1e-5


def test_speed_is_a_table(tmp_path: Path) -> None:
    words = "--case", "draft:64", "--rounds", "1", "--set", "steps=2", "--device", "cpu"
    text = run(speed.main, *words, "--peak", "1")
    assert "| light | draft:64 | 64 x " in text and "%" in text


def test_products_are_counted_forwards_and_backwards() -> None:
    a, b = torch.ones(2, 3, requires_grad=True), torch.ones(3, 5)
    count = FlopCount()
    with count:
        torch.autograd.grad((a @ b).sum(), a)
    assert count.total == 2 * (2 * 2 * 3 * 5)
