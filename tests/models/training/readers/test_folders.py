"""A folder a class, a folder a split, or `split.csv`."""

from pathlib import Path

import pytest

from models.training.dataset import DataSetError
from models.training.readers import folders
from tests.models.training.miniatures import classes, photographs, split_list, table, told


def test_a_folder_a_class(tmp_path: Path) -> None:
    classes(tmp_path / "flowers")
    found = folders.read(tmp_path / "flowers")
    assert told(found) == [
        ("Lily/1.jpg", "Lily", "", ""), ("Lily/2.jpg", "Lily", "", ""),
        ("Rose/1.jpg", "Rose", "", ""), ("Rose/2.jpg", "Rose", "", ""),
    ]  # fmt: skip
    assert found.name == "flowers" and found.labels == ("Lily", "Rose") and not found.taxa
    assert all(photograph.path.is_file() for photograph in found.photographs)


def test_what_is_no_photograph_is_not_looked_at(tmp_path: Path) -> None:
    names = (
        "Rose/1.JPG",
        "Rose/deep/2.Png",
        "_nothing/3.webp",
        "Rose/._1.jpg",
        "__MACOSX/Rose/1.jpg",
    )
    photographs(tmp_path, (*names, ".hidden/4.jpg", "cover.jpg"))
    (tmp_path / "Rose" / "Thumbs.db").write_bytes(b"thumbs")
    (tmp_path / "Rose" / "notes.txt").write_text("nice")
    found = folders.read(tmp_path)
    assert [(path, label) for path, label, _, _ in told(found)] == [
        ("Rose/1.JPG", "Rose"), ("Rose/deep/2.Png", "Rose"), ("_nothing/3.webp", "_nothing"),
    ]  # fmt: skip
    assert found.notes == ("1 photographs in no class's folder were left out, cover.jpg first.",)


def test_a_folder_a_split_by_any_of_its_names(tmp_path: Path) -> None:
    photographs(tmp_path, ("Train/Rose/1.jpg", "valid/Rose/2.jpg", "validation/Lily/x/3.jpg",
                           "test/Lily/4.jpg"))  # fmt: skip
    assert told(folders.read(tmp_path)) == [
        ("Train/Rose/1.jpg", "Rose", "train", ""), ("test/Lily/4.jpg", "Lily", "test", ""),
        ("valid/Rose/2.jpg", "Rose", "val", ""), ("validation/Lily/x/3.jpg", "Lily", "val", ""),
    ]  # fmt: skip


def test_a_class_may_be_called_like_a_split(tmp_path: Path) -> None:
    photographs(tmp_path, ("test/1.jpg", "Rose/2.jpg"))
    assert folders.read(tmp_path).labels == ("Rose", "test")


def test_a_list_with_observations_and_taxa(tmp_path: Path) -> None:
    found = folders.read(split_list(tmp_path))
    assert told(found) == [
        ("Lily/1.jpg", "Lily", "train", "b"), ("Lily/2.jpg", "Lily", "test", "c"),
        ("Rose/1.jpg", "Rose", "train", "a"), ("Rose/2.jpg", "Rose", "val", ""),
    ]  # fmt: skip
    rose, lily = found.taxa["Rose"], found.taxa["Lily"]
    assert rose.known_ranks == {"genus": "Rosa", "species": "Rosa canina"}
    assert dict(rose.names) == {"en": "Dog rose", "es": "Rosal silvestre"}
    assert lily.scientific_name == "Lilium martagon" and not lily.names


def test_lists_as_spreadsheets_and_other_systems_write_them(tmp_path: Path) -> None:
    """A byte order mark, semicolons, backslashes, and letters put together otherwise."""
    photographs(tmp_path, ("Cin\u0303a/1.jpg", "Cin\u0303a/2.jpg", "Ci\u00f1a/3.jpg"))
    (tmp_path / "split.csv").write_text(
        "Path;Label;Split\r\nCi\u00f1a\\1.jpg;Ci\u00f1a;train\r\n"
        "./Cin\u0303a/2.jpg;Cin\u0303a;\r\nCin\u0303a/3.jpg;Ci\u00f1a;valid\r\n",
        "utf-8-sig",
    )
    found = folders.read(tmp_path)
    assert found.labels == ("Ci\u00f1a",)
    assert [photograph.split for photograph in found.photographs] == ["train", "", "val"]
    assert all(photograph.path.is_file() for photograph in found.photographs)


def test_taxa_of_no_class_are_noted(tmp_path: Path) -> None:
    classes(tmp_path)
    table(tmp_path / "taxa.csv", ("label", "family"), ("Rose", "Rosaceae"), ("Lilly", "Liliaceae"))
    found = folders.read(tmp_path)
    assert list(found.taxa) == ["Rose"]
    assert found.notes == ("taxa.csv has 1 labels that no photograph has, Lilly first.",)


def test_a_link_may_stay_inside(tmp_path: Path) -> None:
    photographs(tmp_path, ("Rose/1.jpg", "Lily/2.jpg"))
    (tmp_path / "Lily" / "3.jpg").symlink_to("../Rose/1.jpg")
    assert len(folders.read(tmp_path).photographs) == 3
    (tmp_path / "Lily" / "4.jpg").symlink_to("/etc/hostname")
    with pytest.raises(DataSetError, match=r"^Lily/4.jpg: the link leads out of the folder\.$"):
        folders.read(tmp_path)
