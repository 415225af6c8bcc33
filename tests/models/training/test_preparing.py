"""From a folder to examples: each photograph once, known by its bytes, in one split."""

import hashlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from models.steps import outcome
from models.training.cache import Cache
from models.training.dataset import DataSetError
from models.training.inspection import Seen
from models.training.preparing import Prepared, prepare, prepare_more
from tests.models.training.lessons import TINTS, drawn
from tests.models.training.miniatures import classes, photograph, photographs, split_list


def whole(reading: Generator[Seen, None, Any]) -> tuple[Prepared, list[Seen]]:
    seen: list[Seen] = []
    return outcome(reading, seen.append), seen


def test_splits_that_are_given_are_kept(tmp_path: Path) -> None:
    examples = drawn(tmp_path / "flowers")
    found, seen = whole(prepare(tmp_path / "flowers", 0, None))
    assert [each.done for each in seen] == list(range(1, len(examples) + 1))
    assert {(e.sha256, e.label, e.split) for e in found.examples} == {
        (e.sha256, e.label, e.split) for e in examples
    }
    for each in found.examples:
        assert each.path is not None
        assert each.sha256 == hashlib.sha256(each.path.read_bytes()).hexdigest()
    assert found.report["photographs"] == 42 and found.report["classes"] == len(TINTS)


def test_splits_are_made_by_seed(tmp_path: Path) -> None:
    drawn(tmp_path, {"all": 12})
    (tmp_path / "all").rename(tmp_path / "flowers")
    one, same, other = (
        {e.sha256: e.split for e in whole(prepare(tmp_path / "flowers", seed, None))[0].examples}
        for seed in (1, 1, 2)
    )
    assert one == same and one != other
    assert set(one.values()) == {"train", "val", "test"}


def test_copies_and_observations_share_a_group_and_a_split(tmp_path: Path) -> None:
    folder = photographs(tmp_path / "flowers", [f"{c}/{n}.jpg" for c in "ab" for n in range(9)])
    photograph(folder / "a" / "copy.jpg", 0, quality=60)
    found, _ = whole(prepare(folder, 0, None))
    twins = [e for e in found.examples if e.path and e.path.name in ("0.jpg", "copy.jpg")]
    both = [e for e in twins if e.label == "a"]
    assert len(both) == 2 and len({(e.group, e.split) for e in both}) == 1
    assert both[0].sha256 != both[1].sha256
    others = [e.group for e in found.examples if e not in both]
    assert len(set(others)) == len(others)


def test_what_was_seen_once_is_remembered(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "features.sqlite")
    folder = split_list(tmp_path / "flowers")
    first, _ = whole(prepare(folder, 0, cache))
    with cache.known() as known:
        assert all(known.get(each.sha256) for each in first.examples)
    second, _ = whole(prepare(folder, 0, cache))
    assert second.examples == first.examples and second.report == first.report


def test_more_to_learn_from_may_be_a_single_photograph(tmp_path: Path) -> None:
    photograph(tmp_path / "more" / "Rosa canina" / "1.jpg", 5)
    with pytest.raises(DataSetError, match="one class"):
        whole(prepare(tmp_path / "more", 0, None))
    found, _ = whole(prepare_more(tmp_path / "more", Cache(tmp_path / "features.sqlite")))
    (only,) = found.examples
    assert (only.label, only.split) == ("Rosa canina", "train")
    several, _ = whole(prepare_more(classes(tmp_path / "several"), None))
    assert {each.split for each in several.examples} == {"train"} and len(several.examples) == 4
    (tmp_path / "none" / "Rosa canina").mkdir(parents=True)
    with pytest.raises(DataSetError):
        whole(prepare_more(tmp_path / "none", None))
