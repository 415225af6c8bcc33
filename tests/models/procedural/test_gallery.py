import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.procedural.gallery import DRAWINGS, MOST_BYTES, jpeg, write

SAMPLES = Path(__file__).parents[3] / "static" / "samples"
SMALL = 128


@pytest.fixture(scope="module")
def drawn():
    return {drawing.name: drawing.draw(SMALL) for drawing in DRAWINGS}


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.name)
def test_drawings_are_rich_in_tone_and_colour(drawing, drawn):
    image = drawn[drawing.name]
    assert image.mode == "RGB"
    assert max(image.size) == SMALL
    pixels = np.asarray(image, dtype=float) / 255
    light = pixels.mean(axis=-1)
    assert light.std() > 0.08
    if drawing.role == "style":
        assert (
            len(np.unique((pixels * 7).astype(int).reshape(-1, 3), axis=0)) > 40
        )  # a woodblock has few inks
        assert np.abs(np.diff(light, axis=0)).mean() > 0.015


@pytest.mark.parametrize("name", [d.name for d in DRAWINGS if d.role == "content"])
def test_shells_stand_off_their_background(name, drawn):
    pixels = np.asarray(drawn[name], dtype=float)
    rows, columns = pixels.shape[:2]
    rim = np.concatenate([pixels[:3].reshape(-1, 3), pixels[-3:].reshape(-1, 3)])
    middle = pixels[rows // 3 : 2 * rows // 3, columns // 3 : 2 * columns // 3].reshape(-1, 3)
    far = np.linalg.norm(middle - np.median(rim, axis=0), axis=1)
    assert (far > 40).mean() > 0.5


def test_writing_draws_the_same_again_with_a_thumbnail_and_an_entry_each(tmp_path, drawn):
    (tmp_path / "content").mkdir()
    Image.new("RGB", (400, 300), "teal").save(tmp_path / "content" / "coffee.jpg")
    names = list(write(tmp_path, SMALL))
    entries = json.loads((tmp_path / "samples.json").read_text(encoding="utf-8"))
    assert (
        {entry["name"] for entry in entries}
        == set(names)
        == {d.name for d in DRAWINGS} | {"coffee"}
    )
    for entry in entries:
        with Image.open(tmp_path / entry["file"]) as image:
            assert image.size == (entry["width"], entry["height"])
        with Image.open(tmp_path / entry["thumb"]) as thumb:
            assert max(thumb.size) <= 320
    for drawing in DRAWINGS:
        path = tmp_path / drawing.role / f"{drawing.name}.jpg"
        assert path.read_bytes() == jpeg(drawn[drawing.name])


def test_what_ships_is_complete_small_and_free_to_use():
    entries = json.loads((SAMPLES / "samples.json").read_text(encoding="utf-8"))
    assert {entry["role"] for entry in entries} == {"content", "style"}
    assert {drawing.name for drawing in DRAWINGS} <= {entry["name"] for entry in entries}
    files = [SAMPLES / entry[key] for entry in entries for key in ("file", "thumb")]
    assert sum(path.stat().st_size for path in files) < 4_000_000
    assert all(path.stat().st_size < 450_000 for path in files)
    for entry in entries:
        assert entry["licence"].startswith(("CC0", "Public domain"))
        with Image.open(SAMPLES / entry["file"]) as image:
            assert image.size == (entry["width"], entry["height"])
            assert not image.getexif()


def test_jpeg_gives_up_quality_for_pictures_that_would_be_too_large():
    noise = np.random.default_rng(1).integers(0, 256, (900, 900, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    assert len(jpeg(image)) < len(jpeg(image, 60)) * 1.2
    assert len(jpeg(Image.new("RGB", (500, 500), "navy"))) < MOST_BYTES
