"""Corrections are kept apart from jobs, and photographs only where their owner agreed."""

from pathlib import Path

import pytest

from models.training.reading import read_data_set
from workers import corrections
from workers.artifacts import ArtifactMissing, FolderStore
from workers.corrections import Correction


def said(job: str, label: str = "monarch", **how: object) -> Correction:
    usual = {"taxon": "Danaus plexippus", "was": "Danaus gilippus", "keep": True, "owner": "ann"}
    return Correction(job=job, model="mine", label=label, at=1.5, **(usual | how))  # type: ignore[arg-type]


def note(store: FolderStore, correction: Correction, count: int = 1) -> None:
    keys = {f"image-{i}": f"jobs/{correction.job}/image-{i}.jpg" for i in range(count)}
    for name, key in keys.items():
        store.write(key, f"{correction.job} {name}".encode())
    corrections.note(store, correction, keys)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_was_said_is_found_again(store: FolderStore) -> None:
    note(store, said("a"), 2)
    found = corrections.find(store, "mine", "a")
    assert found == said("a") and not found.confirmed
    assert corrections.find(store, "mine", "b") is None
    assert files(store.root / "corrections") == [
        "mine/a/correction.json", "mine/a/image-0.jpg", "mine/a/image-1.jpg",
    ]  # fmt: skip
    assert said("a", was="Danaus plexippus").confirmed


def test_photographs_outlive_the_job_and_go_when_it_is_withdrawn(store: FolderStore) -> None:
    note(store, said("a"))
    store.delete_prefix("jobs/a")
    assert store.read("corrections/mine/a/image-0.jpg") == b"a image-0"
    corrections.withdraw(store, "mine", "a")
    assert files(store.root) == []
    corrections.withdraw(store, "mine", "a")


def test_without_consent_no_photograph_stays(store: FolderStore) -> None:
    note(store, said("a"))
    note(store, said("a", keep=False))
    assert files(store.root / "corrections") == ["mine/a/correction.json"]
    assert corrections.kept(store, "mine") == []


def test_a_photograph_that_is_gone_changes_nothing(store: FolderStore) -> None:
    note(store, said("a"))
    with pytest.raises(ArtifactMissing):
        corrections.note(store, said("a", label="queen"), {"image-0": "jobs/gone/image-0.jpg"})
    assert corrections.find(store, "mine", "a") == said("a")


def test_gathered_corrections_are_a_data_set(store: FolderStore, tmp_path: Path) -> None:
    note(store, said("a"), 2)
    note(store, said("b", "a lamp / ñ", taxon=""))
    note(store, said("c", "a lamp / ñ", taxon="", owner="bob"))
    note(store, said("d", "monarch", keep=False))
    folder = tmp_path / "gathered"
    assert corrections.gather(store, "mine", None, folder) == 4
    assert files(folder) == [
        "a_lamp___ñ/b-image-0.jpg", "a_lamp___ñ/c-image-0.jpg", "monarch/a-image-0.jpg",
        "monarch/a-image-1.jpg", "split.csv",
    ]  # fmt: skip
    assert (folder / "monarch/a-image-1.jpg").read_bytes() == b"a image-1"
    found = read_data_set(folder)
    assert [(each.label, each.split, each.observation) for each in found.photographs] == [
        ("monarch", "", "a"), ("monarch", "", "a"), ("a lamp / ñ", "", "b"),
        ("a lamp / ñ", "", "c"),
    ]  # fmt: skip


def test_of_one_owner_alone(store: FolderStore, tmp_path: Path) -> None:
    note(store, said("a"))
    note(store, said("b", owner="bob"))
    assert corrections.gather(store, "mine", "bob", tmp_path / "bob") == 1
    assert corrections.gather(store, "mine", "eve", tmp_path / "eve") == 0
    assert corrections.gather(store, "other", None, tmp_path / "eve") == 0
    assert not (tmp_path / "eve").exists()


@pytest.mark.parametrize(
    ("label", "name"),
    [("Danaus plexippus", "Danaus_plexippus"), ("../up", "_._up"), ("a/b", "a_b"), ("ñ", "ñ")],
)
def test_a_label_is_a_folder_of_its_own(label: str, name: str) -> None:
    assert corrections.folder_name(label) == name
