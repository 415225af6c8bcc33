import json
from pathlib import Path

import pytest
from PIL import Image

from app.samples import Sample, read_samples


def test_reads_the_list(tmp_path: Path) -> None:
    entry = {
        "name": "shell", "role": "content", "title": "A shell", "origin": "models.procedural",
        "licence": "CC0-1.0", "width": 3, "height": 2, "file": "content/shell.jpg",
        "thumb": "content/shell.thumb.jpg",
    }  # fmt: skip
    (tmp_path / "samples.json").write_text(json.dumps([entry]))
    assert read_samples(tmp_path) == {"shell": Sample(**entry)}


@pytest.mark.parametrize("sample", read_samples().values(), ids=lambda sample: sample.name)
def test_what_ships_is_there_and_as_it_is_described(sample: Sample) -> None:
    assert sample.role in ("content", "style")
    assert sample.origin and sample.licence and sample.title
    with Image.open(sample.path) as picture:
        assert picture.size == (sample.width, sample.height)
        assert picture.mode == "RGB"
        assert not picture.getexif()
