"""Every photograph is opened once, and what is found is reported."""

import hashlib
import json
import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from PIL import Image

from models.steps import outcome
from models.training.dataset import DataSet, DataSetError, Photograph
from models.training.inspection import LISTED, Inspection, Seen, inspect
from models.training.looking import Looked
from models.training.reading import read_data_set
from tests.models.training.miniatures import photograph, photographs, picture, table

SPECIES = Path(__file__).parents[3].parent / "shared" / "data" / "species"


def ended(steps: Generator[Seen, None, Inspection]) -> tuple[list[Seen], Inspection]:
    seen: list[Seen] = []
    inspection = outcome(steps, seen.append)
    return seen, inspection


class Notebook(dict[str, str]):
    """What was looked at, as JSON."""

    def get(self, sha256: str) -> Looked | None:  # type: ignore[override]
        return Looked.from_record(json.loads(self[sha256])) if sha256 in self else None

    def put(self, sha256: str, looked: Looked) -> None:
        self[sha256] = json.dumps(looked.to_record())


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    """Three classes: a copy in two splits, one under two labels, a broken file, an observation."""
    folder = photographs(tmp_path / "flowers", (f"Rose/{number}.jpg" for number in range(12)))
    photographs(folder, (f"Lily/{number}.jpg" for number in range(3)), 100)
    photographs(folder, (f"_none/{number}.png" for number in range(2)), 200)
    picture(0).resize((60, 45)).save(folder / "Rose" / "copy.jpg", quality=40)
    (folder / "Lily" / "rose.jpg").write_bytes((folder / "Rose" / "1.jpg").read_bytes())
    (folder / "Lily" / "cut off.jpg").write_bytes((folder / "Lily" / "0.jpg").read_bytes()[:900])
    rows = [(f"Rose/{number}.jpg", "Rose", "train", "") for number in range(10)]
    rows += [("Rose/10.jpg", "Rose", "train", "walk"), ("Rose/11.jpg", "Rose", "test", "walk")]
    rows += [("Rose/copy.jpg", "Rose", "val", "")]
    rows += [(f"Lily/{name}.jpg", "Lily", "train", "") for name in ("0", "1", "rose", "cut off")]
    rows += [("Lily/2.jpg", "Lily", "val", "")]
    rows += [(f"_none/{number}.png", "_none", "train", "") for number in range(2)]
    table(folder / "split.csv", ("path", "label", "split", "observation"), *rows)
    return folder


def test_the_report(flowers: Path) -> None:
    seen, found = ended(inspect(read_data_set(flowers)))
    report = found.record()
    assert json.loads(json.dumps(report)) == report
    assert [(each.done, each.total) for each in seen] == [(n, 20) for n in range(1, 21)]
    assert report["photographs"] == 19 and report["classes"] == 3 and report["observations"] == 1
    assert report["counts"] == {
        "Lily": {"train": 3, "val": 1, "test": 0, "all": 4},
        "Rose": {"train": 11, "val": 1, "test": 1, "all": 13},
        "_none": {"train": 2, "val": 0, "test": 0, "all": 2},
    }
    assert report["skew"] == 6.5
    damaged = "The picture is damaged or was cut off on its way."
    assert report["broken"] == [{"file": "Lily/cut off.jpg", "reason": damaged}]
    assert report["duplicates"] == [
        {"files": ["Rose/0.jpg", "Rose/copy.jpg"], "labels": ["Rose"]},
        {"files": ["Rose/1.jpg", "Lily/rose.jpg"], "labels": ["Lily", "Rose"]},
    ]
    assert report["leaks"] == [
        {"files": ["Rose/0.jpg", "Rose/copy.jpg"], "labels": ["Rose"], "splits": ["train", "val"]},
        {"files": ["Rose/10.jpg", "Rose/11.jpg"], "labels": ["Rose"], "splits": ["train", "test"]},
    ]
    assert report["totals"] == {"broken": 1, "duplicates": 2, "contradictions": 1, "leaks": 2}
    assert report["warnings"] == [
        "1 photograph cannot be opened and is left out.",
        "1 picture is there under two labels or more.",
        "2 groups of copies or observations are in two splits: "
        "what of them is in train is not learned from.",
        "2 classes have fewer than 10 photographs.",
        "1 photograph has a side of less than 64 pixels.",
    ]


def test_each_photograph_has_its_files_digest_and_size(flowers: Path) -> None:
    _, found = ended(inspect(read_data_set(flowers)))
    for each, digest, looked in zip(found.photographs, found.sha256, found.looked, strict=True):
        assert digest == hashlib.sha256(each.path.read_bytes()).hexdigest()
        with Image.open(each.path) as image:
            assert (looked.width, looked.height) == image.size


def test_progress_comes_in_order_with_reasons(flowers: Path) -> None:
    data_set = read_data_set(flowers)
    seen, _ = ended(inspect(data_set))
    assert tuple(each.photograph for each in seen) == data_set.photographs
    assert [each.photograph.path.name for each in seen if each.reason] == ["cut off.jpg"]


def test_what_was_looked_at_is_not_opened_again(flowers: Path) -> None:
    notebook = Notebook()
    data_set = read_data_set(flowers)
    _, first = ended(inspect(data_set, notebook))
    assert len(notebook) == 19  # one picture is there twice
    _, second = ended(inspect(data_set, notebook))
    assert second == first
    # What the notebook says is believed: so it was asked, and the file was not opened.
    notebook.put(first.sha256[2], Looked(0, 0, b"", "The notebook says so."))
    _, third = ended(inspect(data_set, notebook))
    assert third.broken[0] == ("Rose/2.jpg", "The notebook says so.")


@pytest.mark.parametrize("looked", [Looked(4, 3, b"\x00\xff" * 64), Looked(0, 0, b"", "Broken.")])
def test_records_last(looked: Looked) -> None:
    record = json.loads(json.dumps(looked.to_record()))
    assert Looked.from_record(record) == looked
    assert Looked.from_record(record | {"version": 0}) is None


def test_plain_pictures_are_duplicates_only_as_files(tmp_path: Path) -> None:
    sky = Image.new("RGB", (80, 60), "skyblue")
    for name, quality in (("a/1", 90), ("a/2", 90), ("a/3", 50)):
        (tmp_path / "a").mkdir(exist_ok=True)
        sky.save(tmp_path / f"{name}.jpg", quality=quality)
    photographs(tmp_path, ("b/1.jpg", "b/2.jpg"))
    _, found = ended(inspect(read_data_set(tmp_path)))
    assert found.record()["duplicates"] == [{"files": ["a/1.jpg", "a/2.jpg"], "labels": ["a"]}]


def test_files_that_went_away(tmp_path: Path) -> None:
    photographs(tmp_path, ("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg"))
    data_set = read_data_set(tmp_path)
    (tmp_path / "a/1.jpg").unlink()
    notebook = Notebook()
    _, found = ended(inspect(data_set, notebook))
    reason = "The file cannot be read (No such file or directory)."
    assert found.broken == (("a/1.jpg", reason),)
    assert "" not in notebook


def test_a_report_is_never_long(tmp_path: Path) -> None:
    data = photograph(tmp_path / "0.jpg", 0).read_bytes()
    paths = [tmp_path / f"{number}.jpg" for number in range(LISTED + 20)]
    bad = [tmp_path / f"bad {number}.jpg" for number in range(LISTED + 10)]
    for path in (*paths, *bad):
        path.write_bytes(data if path in paths else b"no picture")
    shown = tuple(Photograph(path, "ab"[index % 2]) for index, path in enumerate((*paths, *bad)))
    _, found = ended(inspect(DataSet("many", shown, folder=tmp_path)))
    report = found.record()
    assert report["totals"]["broken"] == LISTED + 10 and len(report["broken"]) == LISTED
    assert len(report["duplicates"][0]["files"]) == LISTED


def test_it_does_not_read_ahead_of_who_looks(tmp_path: Path) -> None:
    """So that memory stays small, and who stops has not to wait for the rest."""
    ahead = range(8 * (os.cpu_count() or 1) + 2)
    photographs(tmp_path, (f"{label}/{number}.jpg" for label in "ab" for number in ahead))
    steps = inspect(read_data_set(tmp_path))
    next(steps)
    for path in (tmp_path / "b").iterdir():
        path.unlink()
    with pytest.raises(
        DataSetError, match=r"^No photograph of b can be used, b/0\.jpg first: The "
    ):
        ended(steps)


@pytest.mark.skipif(not SPECIES.is_dir(), reason="needs the photographs in ../shared/data/species")
def test_shells_are_looked_at_quickly_and_at_once_the_second_time() -> None:
    data_set, notebook = read_data_set(SPECIES / "shells8"), Notebook()
    start = time.perf_counter()
    _, found = ended(inspect(data_set, notebook))
    between = time.perf_counter()
    assert ended(inspect(data_set, notebook))[1] == found
    assert found.record()["totals"]["duplicates"] == 0 and not found.broken
    # 128 photographs, on a machine that others use, too.
    assert between - start < 8.0 and time.perf_counter() - between < 2.0
