"""Whose format a folder is in, and what is said of one that is damaged."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.training.dataset import DataSetError
from models.training.inspection import inspect
from models.training.reading import read_data_set
from tests.models.training import miniatures
from tests.models.training.miniatures import META, photograph, photographs, table


@pytest.mark.parametrize(
    ("make", "first"),
    [
        (miniatures.classes, "Lily/1.jpg"),
        (miniatures.split_list, "Lily/1.jpg"),
        (miniatures.synsets, "images/a/1.jpg"),
        (miniatures.plantnet, "images_test/1356/dd.jpg"),
        (miniatures.inaturalist, "pictures/0.jpg"),
        (miniatures.darwin_core, "media/l 1.jpg"),
    ],
)
def test_each_format_is_known(tmp_path: Path, make: Callable[[Path], Path], first: str) -> None:
    make(tmp_path / "unpacked" / "flowers")
    (tmp_path / "unpacked" / "__MACOSX").mkdir()
    for folder in (tmp_path / "unpacked" / "flowers", tmp_path / "unpacked"):
        found = read_data_set(folder)
        assert found.name == "flowers"
        assert min(found.relative(each.path) for each in found.photographs) == first


def test_one_folder_alone_is_entered_only_where_it_is_no_class_and_no_split(tmp_path: Path) -> None:
    photographs(tmp_path / "a" / "train", ("Rose/1.jpg", "Rose/2.jpg", "Lily/1.jpg", "Lily/2.jpg"))
    assert {each.split for each in read_data_set(tmp_path / "a").photographs} == {"train"}
    photographs(tmp_path / "b", ("Rose/1.jpg", "Rose/2.jpg"))
    with pytest.raises(DataSetError, match=r"^b: all photographs are of one class, Rose\.$"):
        read_data_set(tmp_path / "b")


def test_endings_in_any_case(tmp_path: Path) -> None:
    photographs(tmp_path, ("Rose/1.JPG", "Rose/2.Jpeg", "Lily/1.PNG", "Lily/2.webP"))
    found = read_data_set(tmp_path)
    assert len(found.photographs) == 4
    for seen in inspect(found):
        assert not seen.reason


def appended(name: str, line: str, old: str = "") -> Callable[[Path], object]:
    """Damage: a line more at the end of a text, in place of `old` where that is given."""

    def damage(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, line, 1) if old else text + line, "utf-8")

    return damage


def written(name: str, data: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(data)


def missing(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def linked(name: str) -> Callable[[Path], object]:
    """Damage: a photograph becomes a link out of the folder."""

    def damage(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(photograph(folder.parent / "outside.jpg", 99))

    return damage


def coco(**changes: Any) -> Callable[[Path], object]:
    """Damage: parts of `val.json` are others, or None: not there at all."""

    def damage(folder: Path) -> None:
        whole = miniatures.inaturalist_json((3, 4, 5)) | changes
        whole = {part: value for part, value in whole.items() if value is not None}
        (folder / "val.json").write_text(json.dumps(whole), "utf-8")

    return damage


def meta(old: str, new: str) -> Callable[[Path], object]:
    assert old in META
    return lambda folder: (folder / "meta.xml").write_text(META.replace(old, new, 1), "utf-8")


def lost(folder: Path) -> None:
    for path in (folder / "Rose").iterdir():
        path.write_bytes(b"no picture")
    photographs(folder, (f"Lily/{number}.jpg" for number in range(9)))


LISTED = miniatures.split_list
SYNSETS, PLANTNET = miniatures.synsets, miniatures.plantnet
COCO, ARCHIVE, CLASSES = miniatures.inaturalist, miniatures.darwin_core, miniatures.classes
BILLION_LAUGHS = (
    b'<?xml version="1.0"?>\n<!DOCTYPE archive [<!ENTITY a "aa">]>\n<archive>&a;</archive>'
)

DAMAGE = {
    "a column is missing": (
        LISTED, appended("split.csv", "path,name,split", "path,label,split"), "split.csv:1: "),
    "no columns at all": (LISTED, written("split.csv", b""), "split.csv:1: "),
    "a path leads out": (
        LISTED, appended("split.csv", "../outside.jpg,Rose,train\n"),
        "split.csv:6: ../outside.jpg"),
    "a path leads out with backslashes": (
        LISTED, appended("split.csv", "Rose\\..\\..\\x.jpg,Rose,train\n"), "split.csv:6: "),
    "a path goes up and comes back": (
        LISTED, appended("split.csv", "Rose/../Rose/1.jpg,Rose,train\n"), "split.csv:6: Rose/.."),
    "a path is absolute": (
        LISTED, appended("split.csv", "/etc/hostname,Rose,train\n"), "split.csv:6: /etc/hostname"),
    "a path begins with a drive": (
        LISTED, appended("split.csv", "C:\\pictures\\1.jpg,Rose,train\n"), "split.csv:6: C:"),
    "a path is blank": (LISTED, appended("split.csv", ",Rose,train\n"), "split.csv:6: "),
    "a path has control characters": (
        LISTED, appended("split.csv", "Rose/\x001.jpg,Rose,train\n"), "split.csv:6: "),
    "a path is endless": (
        LISTED, appended("split.csv", f"{'x' * 5000}.jpg,Rose,train\n"), "split.csv:6: xxx"),
    "a listed link leads out": (LISTED, linked("Rose/2.jpg"), "split.csv:3: Rose/2.jpg"),
    "a link in a class leads out": (CLASSES, linked("Rose/2.jpg"), "Rose/2.jpg: "),
    "the list itself leads out": (LISTED, linked("split.csv"), "split.csv "),
    "a listed file is absent": (LISTED, missing("Rose/2.jpg"), "split.csv:3: Rose/2.jpg"),
    "a file is listed under two labels": (
        LISTED, appended("split.csv", "Rose/1.jpg,Lily,train\n"), "split.csv:6: Rose/1.jpg"),
    "a file is listed in two splits": (
        LISTED, appended("split.csv", "./Rose/1.jpg,Rose,test\n"), "split.csv:6: Rose/1.jpg"),
    "a word is no split": (
        LISTED, appended("split.csv", "Rose/2.jpg,Rose,dev", "Rose/2.jpg,Rose,val"),
        "split.csv:3: 'dev'"),
    "a label is blank": (
        LISTED, appended("split.csv", "Rose/2.jpg, ,val", "Rose/2.jpg,Rose,val"), "split.csv:3: "),
    "a label is too long": (
        LISTED, appended("split.csv", f"Rose/2.jpg,{'R' * 201},", "Rose/2.jpg,Rose,"),
        "split.csv:3: "),
    "a label has control characters": (
        LISTED, appended("split.csv", "Rose/2.jpg,Ro\x1bse,", "Rose/2.jpg,Rose,"), "split.csv:3: "),
    "two labels differ by case": (
        LISTED, appended("split.csv", "Rose/2.jpg,rose,", "Rose/2.jpg,Rose,"), "split.csv:3: "),
    "a line has more fields": (
        LISTED, appended("split.csv", "Rose/2.jpg,Rose,val,a,b\n"), "split.csv:6: "),
    "a quotation does not end": (
        LISTED, appended("split.csv", '"Rose/2.jpg,Rose,val\n'), "split.csv:6: "),
    "a list is not UTF-8": (
        LISTED, written("split.csv", b"path,label,split\nRose/1.jpg,Ros\xe9,train\n"),
        "split.csv:2: "),
    "taxa without labels": (LISTED, written("taxa.csv", b"genus\nRosa\n"), "taxa.csv:1: "),
    "a label has two taxa": (LISTED, appended("taxa.csv", "Rose,Rubus,,,\n"), "taxa.csv:4: "),
    "a taxon's name is no name": (
        LISTED, appended("taxa.csv", "Iris,I\x07ris,,,\n"), "taxa.csv:4: "),
    "two classes differ by a blank": (
        CLASSES, lambda folder: photographs(folder, ("Dog rose/1.jpg", "Dog_Rose/2.jpg")),
        "Dog_Rose: "),
    "a class has one photograph": (
        CLASSES, lambda folder: photograph(folder / "Iris/1.jpg", 9), "Iris/1.jpg "),
    "an empty folder": (lambda folder: folder.mkdir(), lambda folder: None, "flowers "),
    "no folder": (lambda folder: folder.write_text(""), lambda folder: None, "flowers "),
    "a list of nothing": (LISTED, written("split.csv", b"path,label,split\n"), "flowers: "),
    "a folder beside splits": (
        CLASSES, lambda folder: photographs(folder, ("train/Rose/1.jpg",)), "Lily: "),
    "a photograph of a split in no class": (
        lambda folder: photographs(folder, ("train/Rose/1.jpg",)),
        lambda folder: photographs(folder, ("train/9.jpg", "test/Rose/3.jpg")), "train/9.jpg: "),
    "no photograph of a class can be opened": (CLASSES, lost, "No photograph of Rose"),
    "most photographs cannot be opened": (
        CLASSES, lambda folder: [path.write_bytes(b"") for path in folder.glob("*/*.jpg")],
        "4 of 4 photographs cannot be used, Lily/1.jpg"),
    "synsets.txt is missing": (SYNSETS, missing("synsets.txt"), "synsets.txt "),
    "train.txt is missing": (SYNSETS, missing("train.txt"), "train.txt "),
    "a number is out of range": (SYNSETS, appended("train.txt", "b/2.jpg 2\n"), "train.txt:3: "),
    "a number is negative": (SYNSETS, appended("val.txt", "b/2.jpg -1\n"), "val.txt:3: "),
    "a number is endless": (SYNSETS, appended("val.txt", f"b/2.jpg {'9' * 5000}\n"), "val.txt:3: "),
    "a line has no number": (SYNSETS, appended("val.txt", "a/my rose.jpg\n"), "val.txt:3: "),
    "a line is a number only": (SYNSETS, appended("val.txt", "1\n"), "val.txt:3: "),
    "a name is blank": (SYNSETS, appended("synsets.txt", "\nViola\n"), "synsets.txt:3: "),
    "a name is there twice": (SYNSETS, appended("synsets.txt", "Rosa canina\n"), "synsets.txt:3: "),
    "a course's path leads out": (SYNSETS, appended("train.txt", "../a.jpg 0\n"), "train.txt:3: "),
    "a photograph in two lists": (SYNSETS, appended("val.txt", "a/1.jpg 0\n"), "val.txt:3: "),
    "metadata are not JSON": (
        PLANTNET, written("plantnet300K_metadata.json", b'{\n"aa": '),
        "plantnet300K_metadata.json:2: "),
    "metadata are a list": (
        PLANTNET, written("plantnet300K_metadata.json", b"[]"), "plantnet300K_metadata.json: "),
    "metadata of a photograph are no object": (
        PLANTNET, written("plantnet300K_metadata.json", b'{"aa": 3}'),
        "plantnet300K_metadata.json: "),
    "metadata know another species": (
        PLANTNET, written("plantnet300K_metadata.json", b'{"aa": {"species_id": 7}}'),
        "images_train/1355/aa.jpg: "),
    "a species' name is no text": (
        PLANTNET, written("plantnet300K_species_id_2_name.json", b'{"1355": 7}'),
        "plantnet300K_species_id_2_name.json: "),
    "a photograph beside the splits": (
        PLANTNET, lambda folder: photograph(folder / "images/1355/x.jpg", 9),
        "images/1355/x.jpg: "),
    "JSON that is cut off": (
        COCO, written("val.json", b'{"images": [],\n"annotations": [{"id'), "val.json:2: "),
    "JSON that is nested too deeply": (
        COCO, written("val.json", b'{"images": 1, "annotations": ' + b"[" * 200_000), "val.json: "),
    "JSON without annotations": (COCO, coco(annotations=None), "val.json: annotations "),
    "JSON whose images are words": (COCO, coco(images=["a", "b"]), "val.json: images "),
    "a category that is not listed": (
        COCO, coco(annotations=[{"id": 7, "image_id": 3, "category_id": 9}]),
        "val.json: annotation 7 is of category '9'"),
    "an image that is not listed": (
        COCO, coco(annotations=[{"id": 7, "image_id": 8, "category_id": 1}]),
        "val.json: annotation 7 is of image '8'"),
    "an image without a file": (COCO, coco(images=[{"id": 3}]), "val.json: annotation 103: "),
    "an image that leads out": (
        COCO, coco(images=[{"id": 3, "file_name": "pictures/../../3.jpg"}]),
        "val.json: annotation 103: pictures/../../3.jpg"),
    "a category without a name": (COCO, coco(categories=[{"id": 1}]), "val.json: category 1: "),
    "a category without an id": (COCO, coco(categories=[{"name": "a"}]), "val.json: an id of cat"),
    "an image that is there twice": (COCO, coco(images=[{"id": 3}] * 2), "val.json: an id of im"),
    "an id that is endless": (
        COCO, written("val.json", b'{"images": [], "annotations": [' + b"9" * 9000 + b"]}"),
        "val.json: "),
    "folders in folders in folders": (
        CLASSES, lambda folder: photograph(folder / "Rose" / ("x/" * 40) / "1.jpg", 9),
        "Rose/x/x/"),
    "XML in an encoding that there is not": (
        ARCHIVE, written("meta.xml", b'<?xml version="1.0" encoding="shells"?><archive/>'),
        "meta.xml:1: "),
    "XML in an encoding of many bytes": (
        ARCHIVE, written("meta.xml", b'<?xml version="1.0" encoding="shift_jis"?><archive/>'),
        "meta.xml:1: "),
    "no core": (
        ARCHIVE, lambda folder: (folder / "meta.xml").write_text("<archive/>"), "meta.xml: "),
    "a DOCTYPE": (ARCHIVE, written("meta.xml", BILLION_LAUGHS), "meta.xml:2: "),
    "no XML": (ARCHIVE, written("meta.xml", b"<archive>\n<core"), "meta.xml:2: "),
    "a core of something else": (ARCHIVE, meta("terms/Occurrence", "terms/Taxon"), "meta.xml: "),
    "no multimedia": (ARCHIVE, meta("1.0/Multimedia", "1.0/Distribution"), "meta.xml: "),
    "an index that is no number": (ARCHIVE, meta('id index="0"', 'id index="x"'), "meta.xml:6: "),
    "a delimiter of two": (ARCHIVE, meta('By="\\t"', 'By="||"'), "meta.xml:3: "),
    "a core's file that is missing": (
        ARCHIVE, missing("occurrence.txt"), "meta.xml: occurrence.txt "),
    "a core's file that leads out": (
        ARCHIVE, meta(">occurrence.txt", ">../occurrence.txt"), "meta.xml: ../occurrence.txt "),
    "a row that is too short": (
        ARCHIVE, appended("occurrence.txt", "4\tx\n"), "occurrence.txt:5: "),
    "an occurrence that is not there": (
        ARCHIVE, appended("multimedia.txt", "9,,media/m1.jpg\n"), "multimedia.txt:7: "),
    "media that are not there": (
        ARCHIVE, appended("multimedia.txt", "1,,media/m9.jpg\n"), "multimedia.txt:7: media/m9.jpg"),
    "media of two species": (
        ARCHIVE, appended("multimedia.txt", "2,,media/m1.jpg\n"), "multimedia.txt:7: media/m1.jpg"),
    "media that lead out": (
        ARCHIVE, appended("multimedia.txt", "1,,file:///etc/hostname\n"), "multimedia.txt:7: "),
    "an occurrence without a name": (
        ARCHIVE, appended("occurrence.txt", "\t\tNymph", "\tVanessa cardui\tNymph"),
        "occurrence.txt:3: "),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_told_in_one_sentence_that_names_the_place(damage: str, tmp_path: Path) -> None:
    make, harm, place = DAMAGE[damage]
    folder = tmp_path / "flowers"
    make(folder)
    harm(folder)
    with pytest.raises(DataSetError) as told:
        for _ in inspect(read_data_set(folder)):
            pass
    message = str(told.value)
    assert message.startswith(place)
    assert message.endswith(".") and not re.search(r"[.!?]\s+[A-Z]|\n", message)
    assert len(message) < 700


def test_what_is_not_damaged_is_not_refused(tmp_path: Path) -> None:
    """Or the sentences above would be of something else."""
    for make in (LISTED, SYNSETS, PLANTNET, COCO, ARCHIVE, CLASSES):
        folder = tmp_path / make.__name__ / "flowers"
        make(folder)
        assert len(read_data_set(folder).photographs) in (4, 6)


def test_labels_that_clash_are_both_named(tmp_path: Path) -> None:
    photographs(tmp_path, ("train/Dog rose/1.jpg", "val/dog_rose/2.jpg"))
    with pytest.raises(DataSetError, match=r"^val/dog_rose: .* dog_rose .* Dog rose \(train/Dog"):
        read_data_set(tmp_path)


def test_a_name_that_is_not_utf_8(tmp_path: Path) -> None:
    photographs(tmp_path, ("Rose/1.jpg", "Lily/\udcff.jpg"))
    with pytest.raises(DataSetError, match=r"^Lily/\\udcff\.jpg: the file's name is not UTF-8\.$"):
        read_data_set(tmp_path)


def test_taxa_without_any_other_column_say_nothing(tmp_path: Path) -> None:
    table(CLASSES(tmp_path) / "taxa.csv", ("label",), ("Rose",))
    assert not read_data_set(tmp_path).taxa
