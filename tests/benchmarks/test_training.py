"""The benchmark of trained models, on drawn photographs of three classes."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.strangeness import SCORES
from benchmarks.training import Seen, crossed, main, seen_by, strangers
from models.training.cache import Cache
from models.training.options import TrainOptions
from tests.models.training.lessons import drawn


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tints")
    drawn(place / "tints", {"train": 10, "val": 4})
    return place / "tints"


@pytest.fixture(scope="module")
def seen(folder: Path) -> Seen:
    return seen_by("efficientnet_lite0", folder, None, Cache(folder.parent / "features.sqlite"))


def test_each_photograph_to_learn_from_is_measured_once(seen: Seen) -> None:
    found = crossed(seen, TrainOptions())
    assert found.report.n == 30
    assert found.report.top1 == 1.0  # tints are easy
    assert [each.n for each in found.report.per_class] == [10, 10, 10]


def test_a_fold_is_not_learnt_from(seen: Seen) -> None:
    """With labels by lot nothing can be known of a fold that was not learnt from."""
    random = np.random.default_rng(0).permutation(len(seen.examples))
    shuffled = Seen(
        seen.name, seen.examples, seen.labels, seen.features[random.copy()], seen.channels
    )
    assert crossed(shuffled, TrainOptions()).report.top1 < 0.7


def test_strangers_are_told_by_every_score(seen: Seen) -> None:
    found = list(strangers(seen, 2))
    assert [set(each) for each in found] == [set(SCORES)] * 2
    assert all(0.0 <= value <= 1.0 for each in found for value in each.values())
    assert min(each["familiarity"] for each in found) > 0.6  # of four photographs a tint


def test_the_table(folder: Path, seen: Seen) -> None:
    cache = str(folder.parent / "features.sqlite")
    answer = CliRunner().invoke(main, ["cross", str(folder), "--cache", cache])
    assert answer.exit_code == 0, answer.output
    assert "| efficientnet_lite0 | tints | 30 | 100.00% |" in answer.output
