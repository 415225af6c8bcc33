"""Teaching: it helps, it repeats, and another process goes on with it."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch

from models import checkpoints
from models.checkpoints import FileCheckpoints
from models.steps import outcome
from models.style.distillation.options import Teaching
from models.style.distillation.training import Taught, rate, teach
from models.vgg import VGG
from tests.models.style.distillation.conftest import QUICK

CPU = torch.device("cpu")


def taught(vgg: VGG, pictures: tuple[Path, ...], options: Teaching = QUICK) -> Taught:
    return outcome(teach(vgg, "small", pictures, options, CPU))


def same(one: Taught, other: Taught) -> bool:
    return all(torch.equal(each, other.state[name]) for name, each in one.state.items())


def test_teaching_helps(vgg: VGG, pictures: tuple[Path, ...]) -> None:
    options = replace(QUICK, steps=24, rate=5e-3)
    before = taught(vgg, pictures, replace(options, steps=1, rate=1e-9))
    after = taught(vgg, pictures, options)
    for found in ("activations", "grams"):
        mean = [sum(getattr(each, found).values()) for each in (before, after)]
        assert mean[1] < 0.98 * mean[0], (found, mean)


def test_teaching_repeats_by_its_seed(vgg: VGG, pictures: tuple[Path, ...]) -> None:
    first = taught(vgg, pictures)
    assert same(first, taught(vgg, pictures))
    assert not same(first, taught(vgg, pictures, replace(QUICK, seed=1)))


@pytest.mark.parametrize("after", [1, 4])
def test_another_process_goes_on_where_one_was_left(
    vgg: VGG, pictures: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    after: int,
) -> None:  # fmt: skip
    """In the middle of a round, and between two."""
    monkeypatch.setattr(checkpoints, "SECONDS", -1.0)
    monkeypatch.setattr("models.style.distillation.training.SAVING", 1e9)
    kept = FileCheckpoints(tmp_path / "kept")
    left = teach(vgg, "small", pictures, QUICK, CPU, kept)
    assert [lesson.step for lesson in islice(left, after)] == list(range(1, after + 1))
    left.close()
    seen: list[int] = []
    found = outcome(
        teach(vgg, "small", pictures, QUICK, CPU, kept), lambda lesson: seen.append(lesson.step)
    )
    assert seen == list(range(after + 1, QUICK.steps + 1))
    assert same(found, taught(vgg, pictures))


def test_what_was_left_of_other_work_is_not_gone_on_with(
    vgg: VGG, pictures: tuple[Path, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "SECONDS", -1.0)
    kept = FileCheckpoints(tmp_path / "kept")
    list(islice(teach(vgg, "small", pictures, QUICK, CPU, kept), 2))
    for changed in (("other", QUICK), ("small", replace(QUICK, grams=1.0))):
        name, options = changed
        assert next(teach(vgg, name, pictures, options, CPU, kept)).step == 1


def test_the_rate_rises_and_falls_to_nothing() -> None:
    options = replace(QUICK, steps=1000, rate=1.0)
    rates = [rate(options, step) for step in range(1000)]
    assert rates[0] < 0.1 and max(rates) > 0.95 and rates[-1] < 1e-4
    assert rates[100:] == sorted(rates[100:], reverse=True)
