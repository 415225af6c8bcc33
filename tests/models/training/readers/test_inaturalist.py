"""iNaturalist's JSON."""

import json
from pathlib import Path

from models.training.readers import inaturalist
from tests.models.training.miniatures import inaturalist as made
from tests.models.training.miniatures import inaturalist_json, told

MONARCH = "Danaus plexippus 2020-05-17 10:00:00 40.4 -3.7"
LADY = "Vanessa cardui 2020-05-17 10:00:00 40.4 -3.7"


def test_read_as_made(tmp_path: Path) -> None:
    assert inaturalist.matches(made(tmp_path))
    found = inaturalist.read(tmp_path)
    assert told(found) == [
        ("pictures/0.jpg", "Danaus plexippus", "train", MONARCH),
        ("pictures/1.jpg", "Vanessa cardui", "train", LADY),
        ("pictures/2.jpg", "Danaus plexippus", "train", MONARCH),
        ("pictures/3.jpg", "Vanessa cardui", "val", LADY),
        ("pictures/4.jpg", "Danaus plexippus", "val", ""),  # taken nobody knows where
        ("pictures/5.jpg", "Vanessa cardui", "val", ""),
    ]
    monarch = found.taxa["Danaus plexippus"]
    assert monarch.lineage[3:] == ("Lepidoptera", "Nymphalidae", "Danaus", "Danaus plexippus")
    assert dict(monarch.names) == {"en": "Monarch"}


def test_two_boxes_in_one_photograph_are_one_label(tmp_path: Path) -> None:
    made(tmp_path)
    whole = inaturalist_json((0, 1, 2))
    whole["annotations"] = whole["annotations"][:2]
    whole["annotations"].append({"id": 9, "image_id": 0, "category_id": 0})
    (tmp_path / "train_mini.json").write_text(json.dumps(whole))
    found = inaturalist.read(tmp_path)
    assert [each.path.name for each in found.photographs if each.split == "train"] == [
        "0.jpg", "1.jpg",
    ]  # fmt: skip
    assert found.notes == ("1 images of train_mini.json have no annotation: left out.",)


def test_a_name_that_says_no_split_gives_none_and_a_genus_is_no_species(tmp_path: Path) -> None:
    made(tmp_path)
    for name in ("train_mini.json", "val.json"):
        (tmp_path / name).unlink()
    whole = inaturalist_json((0, 1))
    whole["categories"][0]["name"] = "Danaus"
    (tmp_path / "trainable.json").write_text(json.dumps(whole))
    found = inaturalist.read(tmp_path)
    assert {photograph.split for photograph in found.photographs} == {""}
    assert found.taxa["Danaus"].rank == "genus"


def test_other_json_is_no_data_set(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"images": 3}')
    assert not inaturalist.matches(tmp_path)
