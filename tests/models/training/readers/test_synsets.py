"""The course's lists."""

from pathlib import Path

from models.training.readers import synsets
from tests.models.training.miniatures import synsets as made
from tests.models.training.miniatures import told


def test_read_as_made(tmp_path: Path) -> None:
    assert synsets.matches(made(tmp_path))
    found = synsets.read(tmp_path)
    assert told(found) == [
        ("images/a/1.jpg", "Rosa canina", "train", ""),
        ("images/a/my first rose.jpg", "Rosa canina", "val", ""),
        ("images/b/1.jpg", "Lilium martagon", "train", ""),
        ("images/b/2.jpg", "Lilium martagon", "val", ""),
    ]
    assert not found.notes


def test_names_without_photographs_are_noted(tmp_path: Path) -> None:
    with (made(tmp_path) / "synsets.txt").open("a") as file:
        file.write("Viola odorata\n\n")
    note = "synsets.txt has 1 names that no photograph has, Viola odorata first."
    assert synsets.read(tmp_path).notes == (note,)
