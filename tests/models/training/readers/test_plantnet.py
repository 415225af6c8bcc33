"""Pl@ntNet-300K."""

from pathlib import Path

import pytest

from models.training.readers import plantnet
from tests.models.training.miniatures import plantnet as made
from tests.models.training.miniatures import told


@pytest.mark.parametrize("stem", ["", "images_", "images/"])
def test_read_as_made(tmp_path: Path, stem: str) -> None:
    assert plantnet.matches(made(tmp_path, stem))
    found = plantnet.read(tmp_path)
    virosa, piperita = "Lactuca virosa L.", "Mentha × piperita L."
    assert told(found) == [
        (f"{stem}test/1356/dd.jpg", piperita, "test", "9dd"),
        (f"{stem}train/1355/aa.jpg", virosa, "train", "9aa"),
        (f"{stem}train/1356/bb.jpg", piperita, "train", "9bb"),
        (f"{stem}val/1355/cc.jpg", virosa, "val", "9cc"),
    ]
    assert found.taxa[virosa].known_ranks == {
        "kingdom": "Plantae", "genus": "Lactuca", "species": "Lactuca virosa",
    }  # fmt: skip
    assert found.taxa[piperita].scientific_name == "Mentha × piperita"


def test_without_names_numbers_are_labels(tmp_path: Path) -> None:
    (made(tmp_path) / "plantnet300K_species_id_2_name.json").unlink()
    found = plantnet.read(tmp_path)
    assert found.labels == ("1355", "1356") and not found.taxa


def test_photographs_that_are_not_there_are_noted(tmp_path: Path) -> None:
    (made(tmp_path) / "images_val/1355/cc.jpg").unlink()
    found = plantnet.read(tmp_path)
    assert len(found.photographs) == 3
    assert found.notes == ("1 photographs of plantnet300K_metadata.json are not there.",)
