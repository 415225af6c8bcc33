"""What a training keeps of the photographs that its model was measured with."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from models.training.examples import Example
from models.training.verdicts import Verdict
from tests.models.training.miniatures import picture
from workers import judged
from workers.artifacts import FolderStore

ID = "a" * 32


def verdict(path: Path | None, label: str = "rose", named: str = "daisy") -> Verdict:
    example = Example("0" * 64, label, "test", "0", path)
    return Verdict(example, ((named, 0.81234), ("tulip", 0.18766)))


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """900 x 600 pixels, lying on its side, with a place and a comment."""
    path = tmp_path / "rose.jpg"
    upright = picture(7).resize((600, 900))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "in the garden of Ann"
    exif.get_ifd(0x8825)[1] = "N"
    upright.rotate(90, expand=True).save(path, exif=exif, comment=b"Ann was here")
    return path


def test_kept_small_upright_and_without_a_word(store: FolderStore, photograph: Path) -> None:
    assert judged.keep(store, ID, [verdict(photograph)]) == 1
    (kept,) = judged.read(store, ID)
    assert (kept.number, kept.truth, kept.named) == (1, "rose", "daisy")
    assert kept.answers == (("daisy", 0.8123), ("tulip", 0.1877))
    assert kept.confidence == 0.8123 and not kept.right
    data = store.read(judged.picture_of(ID, 1))
    with Image.open(BytesIO(data)) as image:
        assert image.format == "WEBP" and image.size == (kept.width, kept.height) == (133, 200)
        assert not image.getexif() and not {"exif", "xmp", "icc_profile"} & image.info.keys()
    assert b"garden" not in data and b"Ann" not in data
    assert len(data) < 12_000


def test_what_is_not_at_hand_or_broken_is_left_out(
    store: FolderStore, photograph: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(photograph.read_bytes()[:300])
    found = [verdict(None), verdict(broken), verdict(tmp_path / "gone.jpg"), verdict(photograph)]
    assert judged.keep(store, ID, found) == 1
    assert [each.number for each in judged.read(store, ID)] == [1]


def test_no_more_than_there_may_be(
    store: FolderStore, photograph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judged, "MOST", 5)
    assert judged.keep(store, ID, [verdict(photograph)] * 9) == 5
    size = len(store.read(judged.picture_of(ID, 1)))
    monkeypatch.setattr(judged, "LARGEST", 3 * size)
    assert judged.keep(store, "b" * 32, [verdict(photograph)] * 9) == 3
    assert len(judged.read(store, "b" * 32)) == 3


def test_some_of_each_class_that_are_right(store: FolderStore, photograph: Path) -> None:
    right = verdict(photograph, named="rose")
    other = replace(right, example=replace(right.example, label="tulip"), answers=(("tulip", 1.0),))
    assert judged.keep(store, ID, [right] * 20 + [other] * 2 + [verdict(photograph)]) == 9
    named = [each.named for each in judged.read(store, ID)]
    assert named[0] == "daisy" and named.count("rose") == judged.RIGHT


def test_where_none_were_kept_there_are_none(store: FolderStore, tmp_path: Path) -> None:
    assert judged.keep(store, ID, [verdict(None)]) == 0
    assert judged.read(store, ID) == [] and store.below(f"jobs/{ID}") == []
