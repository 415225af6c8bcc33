"""The decoder is a process of its own: what it may take, and what it may know."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from werkzeug.datastructures import FileStorage

from app import uploads
from app.errors import Refusal

Make = Callable[..., Any]


@pytest.fixture
def photograph(jpeg: Make, tmp_path: Path) -> Path:
    path = tmp_path / "photograph"
    path.write_bytes(jpeg(96, 64))
    return path


def test_decodes_in_another_process(photograph: Path, tmp_path: Path) -> None:
    target = tmp_path / "clean.jpg"
    assert uploads.decode(photograph, target, 40_000_000) == {"width": 96, "height": 64}
    assert Image.open(target).size == (96, 64)


def test_the_decoder_loads_neither_web_nor_torch(photograph: Path, tmp_path: Path) -> None:
    program = (
        "import runpy, sys; sys.argv[1:] = sys.argv[2:];"
        f"runpy.run_path({uploads.DECODER[-1]!r}, run_name='__main__');"
        "print(sorted({'flask', 'torch', 'redis', 'celery'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program, "-", photograph, tmp_path / "out.jpg", "40000000"]
    ended = subprocess.run(
        command, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(uploads.ROOT)},
    )  # fmt: skip
    assert ended.stdout.splitlines()[-1] == "[]"


def test_the_decoder_knows_no_secret(
    photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decoder is replaced by a program that tells which of our variables it can see."""
    program = "import json, os; print(json.dumps([n for n in os.environ if 'MERIAN' in n]))"
    monkeypatch.setenv("MERIAN_SECRET_KEY", "secret")
    monkeypatch.setattr(uploads, "DECODER", [sys.executable, "-c", program])
    assert uploads.decode(photograph, tmp_path / "x.jpg", 1) == []


@pytest.mark.skipif(sys.platform != "linux", reason="macOS does not limit address space")
def test_memory_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real decoder with an allowance that 40 million pixels do not fit into."""
    source = tmp_path / "large"
    Image.new("RGB", (8000, 5000)).save(source, "PNG", compress_level=1)
    program = (
        "import sys; from pathlib import Path; from app import decoder;"
        "decoder.MEMORY = 500_000_000;"
        "decoder.main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))"
    )
    monkeypatch.setattr(uploads, "DECODER", [sys.executable, "-c", program])
    answer = uploads.decode(source, tmp_path / "x.jpg", 40_000_000)
    assert answer == {"code": "too_costly", "message": ""}


@pytest.mark.parametrize("program", ["import time; time.sleep(60)", "import os; os.abort()"])
def test_a_decoder_that_hangs_or_dies(
    photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(uploads, "DECODER", [sys.executable, "-c", program])
    monkeypatch.setattr(uploads, "PATIENCE", 0.5)
    assert uploads.decode(photograph, tmp_path / "x.jpg", 1)["code"] == "too_costly"


def test_a_full_disk_is_told_as_such(photograph: Path) -> None:
    """/dev/full takes a file's name and no byte of it."""
    target = Path("/dev/full")
    if not target.exists():
        pytest.skip("no /dev/full here")
    command = [*uploads.DECODER, str(photograph), str(target), "40000000"]
    ended = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(uploads.ROOT)}
    )
    assert json.loads(ended.stdout)["code"] == "store_full"


def test_nothing_stays_of_what_came_in(app: Flask, jpeg: Make, tmp_path: Path) -> None:
    with app.app_context():
        with uploads.incoming() as folder:
            upload = FileStorage(BytesIO(jpeg(96, 64)), "my house.jpg")
            picture = uploads.receive_picture(upload, "content", folder)
            assert [path.name for path in folder.iterdir()] == [picture.path.name]
            assert (picture.width, picture.height) == (96, 64)
        with pytest.raises(Refusal), uploads.incoming() as folder:
            uploads.receive_picture(FileStorage(BytesIO(b"x"), "x.jpg"), "content", folder)
    assert list((tmp_path / "incoming").iterdir()) == []


def test_what_a_killed_process_left_is_removed(app: Flask, tmp_path: Path) -> None:
    left, fresh = tmp_path / "incoming" / "left", tmp_path / "incoming" / "fresh"
    for folder in (left, fresh):
        folder.mkdir(parents=True)
        (folder / "upload").write_bytes(b"with a place in it")
    os.utime(left, (0, 0))
    with app.app_context(), uploads.incoming():
        assert not left.exists()
        assert fresh.exists()
