"""A training's state as a file: whole, or as if there were none."""

from pathlib import Path

import pytest
import torch

from models.training.checkpoints import FileCheckpoints

STATE = {
    "key": "abc", "tuning": {"step": 3, "network": {"weight": torch.arange(6.0).view(2, 3)}},
    "curves": [{"phase": "full", "val_loss": None}], "best": None,
}  # fmt: skip


def test_what_was_saved_last_is_loaded(tmp_path: Path) -> None:
    kept = FileCheckpoints(tmp_path / "training" / "flowers.pt")
    assert kept.load() is None
    kept.save({"key": "an earlier one"})
    kept.save(STATE)
    found = FileCheckpoints(kept.path).load()
    assert found is not None
    weight = found["tuning"]["network"].pop("weight")
    assert torch.equal(weight, torch.arange(6.0).view(2, 3))
    assert found == {**STATE, "tuning": {"step": 3, "network": {}}}
    assert [each.name for each in kept.path.parent.iterdir()] == ["flowers.pt"]
    kept.remove()
    kept.remove()
    assert kept.load() is None


def test_one_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    kept = FileCheckpoints(tmp_path / "flowers.pt")
    kept.save({"key": "first"})
    with pytest.raises((AttributeError, TypeError)):
        kept.save({"key": (each for each in ())})  # cannot be pickled
    assert kept.load() == {"key": "first"}
    assert [each.name for each in tmp_path.iterdir()] == ["flowers.pt"]


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "code"])
def test_a_damaged_one_is_as_none(tmp_path: Path, damage: str) -> None:
    kept = FileCheckpoints(tmp_path / "flowers.pt")
    kept.save(STATE)
    whole = kept.path.read_bytes()
    kept.path.write_bytes({"cut": whole[:-500], "empty": b"", "text": b"none"}.get(damage, whole))
    if damage == "code":
        torch.save({"key": Path("a")}, kept.path)
    assert kept.load() is None
