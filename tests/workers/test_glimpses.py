"""A few photographs of each class of a data set."""

from pathlib import Path

import pytest

from models.training.dataset import Photograph
from tests.models.training.miniatures import picture
from workers import glimpses
from workers.artifacts import FolderStore

ID = "a" * 32


def photographs(folder: Path, **classes: int) -> list[Photograph]:
    picture(3).save(folder / "one.jpg")
    return [Photograph(folder / "one.jpg", label) for label, n in classes.items() for _ in range(n)]


def test_every_class_has_one_before_any_has_two(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glimpses, "MOST", 6)
    assert glimpses.keep(store, ID, photographs(tmp_path, ash=9, beech=2, oak=9)) == 6
    kept = glimpses.read(store, ID)
    assert [each.label for each in kept] == ["ash", "beech", "oak"] * 2
    assert [each.number for each in kept] == [1, 2, 3, 4, 5, 6]
    assert store.read(glimpses.picture_of(ID, 6))[:4] == b"RIFF"
    assert max(kept[0].width, kept[0].height) <= 200


def test_no_more_of_one_than_there_may_be_and_none_that_is_broken(
    store: FolderStore, tmp_path: Path
) -> None:
    found = [Photograph(tmp_path / "gone.jpg", "oak"), *photographs(tmp_path, ash=9)]
    assert glimpses.keep(store, ID, found) == glimpses.EACH
    assert {each.label for each in glimpses.read(store, ID)} == {"ash"}


def test_where_none_were_kept_there_are_none(store: FolderStore) -> None:
    assert glimpses.read(store, ID) == []
