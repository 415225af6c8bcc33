"""`merian paint` on real pictures with the real painter, at a size that takes a second."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from tifffile import TiffFile

from commands.main import merian
from models.images import open_picture
from models.style.output import NotRepaintable, settings_in

SAMPLES = Path(__file__).parents[2] / "static" / "samples"
PHOTOGRAPH = sorted((SAMPLES / "content").glob("*[!b].jpg"))[0]
PAINTING = sorted((SAMPLES / "style").glob("*[!b].jpg"))[0]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERIAN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MERIAN_DEVICE", "cpu")
    monkeypatch.delenv("MERIAN_WEIGHTS", raising=False)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(merian, ["paint", *map(str, arguments)])


def test_paints_one_picture_and_tells_what_it_made(tmp_path: Path) -> None:
    output = tmp_path / "new" / "painted.png"
    done = run(PHOTOGRAPH, "--style", PAINTING, "-o", output, "--size", "64", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert set(told) == {"output", "width", "height", "painter", "seed", "seconds", "losses"}
    assert told["output"] == str(output)
    assert {"content", "style"} <= set(told["losses"])
    with Image.open(output) as picture:
        assert picture.size == (told["width"], told["height"])
        assert max(picture.size) == 64
        assert picture.info.get("icc_profile")


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    names = {"a": "7", "b": "7", "c": "8"}
    for name, seed in names.items():
        done = run(
            PHOTOGRAPH, "--style", PAINTING, "-o", tmp_path / f"{name}.png",
            "--size", "64", "--seed", seed,
        )  # fmt: skip
        assert done.exit_code == 0, done.output
    a, b, c = ((tmp_path / f"{name}.png").read_bytes() for name in names)
    assert a == b
    assert a != c


def test_several_photographs_go_into_a_folder(tmp_path: Path) -> None:
    for name, colour in {"one": "teal", "two": "salmon"}.items():
        Image.new("RGB", (80, 60), colour).save(tmp_path / f"{name}.jpg")
    done = run(
        tmp_path / "one.jpg", tmp_path / "two.jpg", "--style", PAINTING,
        "-o", tmp_path / "out", "--size", "64",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["one.png", "two.png"]
    assert done.stdout.split() == [str(tmp_path / "out" / name) for name in ("one.png", "two.png")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--size", "3"], "at least 64"),
        (["--size", "big"], "not a valid integer"),
        (["--strength", "1.5"], "at most 1"),
        (["--painter", "dark"], "dark"),
        (["--seed", "-1"], "at least 0"),
    ],
)
def test_options_out_of_range_are_told_by_name(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    output = tmp_path / "out.png"
    done = run(PHOTOGRAPH, "--style", PAINTING, "-o", output, *arguments)
    assert done.exit_code == 2
    assert said in done.output
    assert arguments[0] in done.output
    assert not output.exists()


def test_a_wrong_file_is_told_before_anything_is_painted(tmp_path: Path) -> None:
    wrong = tmp_path / "notes.jpg"
    wrong.write_text("not a picture at all")
    done = run(PHOTOGRAPH, wrong, "--style", PAINTING, "-o", tmp_path / "out", "--size", "64")
    assert done.exit_code == 1
    assert "notes.jpg" in done.output
    assert not (tmp_path / "out").exists()


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere.jpg", "--style", PAINTING, "-o", tmp_path / "out.png")
    assert done.exit_code == 1
    assert "nowhere.jpg" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("contents", "output", "said"),
    [
        (["a/x.jpg", "b/x.jpg"], "out", "x.png"),
        (["x.jpg", "y.jpg"], "out.png", "folder"),
        (["x.jpg"], "out.bmp", "ends in"),
        (["x.jpg", "--format", "webp"], "out.png", "webp"),
    ],
)
def test_outputs_that_cannot_be_are_usage_errors(
    contents: list[str], output: str, said: str
) -> None:
    done = run(*contents, "--style", PAINTING, "-o", output)
    assert done.exit_code == 2
    assert said in done.output


def test_the_ending_is_the_format_and_like_repaints(tmp_path: Path) -> None:
    chosen = ["--size", "64", "--steps", "4", "--seed", "9", "--strength", "0.8"]
    first = tmp_path / "first.png"
    done = run(PHOTOGRAPH, "--style", PAINTING, "-o", first, *chosen)
    assert done.exit_code == 0, done.output
    assert "GB of memory" in done.stderr
    assert settings_in(first).format == "png"
    for name, more in {"again.tif": [], "other.webp": ["--seed", "1"]}.items():
        made = tmp_path / name
        done = run(PHOTOGRAPH, "--style", PAINTING, "-o", made, "--like", first, *more)
        assert done.exit_code == 0, done.output
    again, other = (settings_in(tmp_path / name) for name in ("again.tif", "other.webp"))
    assert (again.seed, again.strength, again.format) == (9, 0.8, "tiff")
    assert (other.seed, other.strength, other.format) == (1, 0.8, "webp")
    assert open_picture(first) == open_picture(tmp_path / "again.tif")


def test_a_folder_gets_the_format_that_was_chosen(tmp_path: Path) -> None:
    done = run(
        PHOTOGRAPH, "--style", PAINTING, "-o", tmp_path / "out",
        "--size", "64", "--steps", "2", "--format", "tiff16", "--no-metadata",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    (made,) = (tmp_path / "out").iterdir()
    assert made.suffix == ".tif"
    with TiffFile(made) as file:
        assert file.asarray().dtype == np.uint16
    with pytest.raises(NotRepaintable):
        settings_in(made)


def test_masks_say_where_each_style_goes(tmp_path: Path) -> None:
    left = Image.new("L", (64, 48), 0)
    left.paste(255, (0, 0, 32, 48))
    left.save(tmp_path / "left.png")
    Image.new("RGB", (64, 48), "teal").save(tmp_path / "plain.png")
    done = run(
        tmp_path / "plain.png", "--style", PAINTING, "--mask", tmp_path / "left.png",
        "-o", tmp_path / "half.png", "--size", "64", "--steps", "10",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    change = np.abs(np.asarray(open_picture(tmp_path / "half.png"), float) - (0, 128, 128))
    assert change[:, :26].mean() > 10 and change[:, 36:].mean() < 2
    done = run(
        tmp_path / "plain.png", "--style", PAINTING, "--style", PAINTING,
        "--mask", tmp_path / "left.png", "-o", tmp_path / "none.png", "--size", "64",
    )  # fmt: skip
    assert done.exit_code == 1
    assert "one mask a style: 2" in done.output


def test_too_large_for_the_memory_is_said_before_anything_is_painted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERIAN_MEMORY_MB", "700")
    done = run(PHOTOGRAPH, "--style", PAINTING, "-o", tmp_path / "x.png", "--size", "4096")
    assert done.exit_code == 1
    assert "0.7 GB are allowed" in done.output
    assert not (tmp_path / "x.png").exists()


def test_a_picture_without_settings_cannot_be_liked(tmp_path: Path) -> None:
    done = run(PHOTOGRAPH, "--style", PAINTING, "-o", tmp_path / "x.png", "--like", PAINTING)
    assert done.exit_code == 1
    assert "does not say how it was painted" in done.output
