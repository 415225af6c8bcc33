"""Composed scenes, and what is measured on them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw

from benchmarks.scenes import CAT, OWN, Source, compose, cut_out, grounds, silhouette
from benchmarks.specimens import main, shares
from models.species.boxes import Box


@pytest.mark.parametrize("seed", range(4))
def test_a_scene_is_drawn_from_its_seed(seed: int) -> None:
    scene, again = (compose(seed, OWN, grounds()) for _ in range(2))
    assert scene.picture.tobytes() == again.picture.tobytes()
    assert 2 <= len(scene.planted) <= 5
    frame = Box(0, 0, *scene.picture.size)
    for place, each in enumerate(scene.planted):
        assert frame.overlap(each.box) == pytest.approx(each.box.area)
        assert 100 < max(each.box.width, each.box.height) <= 351
        assert all(each.box.overlap(other.box) == 0.0 for other in scene.planted[:place])


def test_what_is_before_a_plain_background_is_cut_out_along_its_outline(tmp_path: Path) -> None:
    picture = Image.new("RGB", (100, 80), "white")
    ImageDraw.Draw(picture).ellipse((20, 16, 79, 63), fill="black")
    picture.save(tmp_path / "disc.png")
    piece = cut_out(Source(tmp_path / "disc.png", "Nautilus", (20, 20, 80, 80), plain=True), "mask")
    assert piece.picture.size == (60, 48) and piece.extent == Box(0, 0, 60, 48)
    alpha = piece.picture.getchannel("A")
    assert alpha.getpixel((30, 24)) == 255 and alpha.getpixel((1, 1)) == 0


def test_holes_of_an_outline_are_filled() -> None:
    picture = Image.new("RGB", (40, 30), "white")
    picture.paste("black", (10, 5, 30, 25))
    picture.paste("white", (18, 12, 22, 16))
    outline = silhouette(picture)
    assert outline.getbbox() == (10, 5, 30, 25) and outline.getpixel((20, 14)) == 255


def test_prints_show_a_margin_and_the_specimens_extent() -> None:
    piece = cut_out(CAT, "print")
    assert piece.extent.left == 0 and piece.extent.width < piece.picture.width


def test_the_table_and_its_records(tmp_path: Path) -> None:
    output = tmp_path / "found.jsonl"
    words = ["--scenes", "1", "--device", "cpu", "--json", str(output)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert "| all |  |" in done.output and "a heat-map takes" in done.output
    scene, heat = map(json.loads, output.read_text().splitlines())
    assert scene["planted"] and 0.0 <= heat["inside"] <= 1.0
    assert CliRunner().invoke(main, words).output == done.output


def test_shares() -> None:
    planted = [{"found": True, "right": False}, {"found": True, "right": True}]
    assert shares(planted) == ["2", "100.0%", "50.0%"]
