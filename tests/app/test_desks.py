"""Decoders are processes of their own: what they may take, what they may know, how they fall."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app import desks
from app.desks import Desk, decode

Make = Callable[..., Any]


@pytest.fixture
def photograph(jpeg: Make, tmp_path: Path) -> Path:
    path = tmp_path / "photograph"
    path.write_bytes(jpeg(96, 64))
    return path


@pytest.fixture
def desk_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Desk]:
    """A desk whose decoder is another program."""

    def make(program: str) -> Desk:
        monkeypatch.setattr(desks, "DECODER", [sys.executable, "-c", program])
        return Desk()

    return make


def test_decodes_in_another_process(photograph: Path, tmp_path: Path) -> None:
    target = tmp_path / "clean.jpg"
    assert decode(photograph, target, 40_000_000) == {"width": 96, "height": 64}
    assert Image.open(target).size == (96, 64)


def test_a_decoder_stays_and_each_picture_gets_a_child(photograph: Path, tmp_path: Path) -> None:
    desk = Desk()
    desk.decode(photograph, tmp_path / "one.jpg", 40_000_000)
    process = desk.process
    broken = tmp_path / "broken"
    broken.write_bytes(photograph.read_bytes()[:200])
    assert desk.decode(broken, tmp_path / "two.jpg", 40_000_000)["code"] == "truncated"
    again = desk.decode(photograph, tmp_path / "three.jpg", 40_000_000)
    assert again == {"width": 96, "height": 64}
    assert desk.process is process


def test_a_decoder_that_was_killed_is_started_again(photograph: Path, tmp_path: Path) -> None:
    desk = Desk()
    desk.decode(photograph, tmp_path / "one.jpg", 40_000_000)
    assert desk.process
    desk.process.kill()
    desk.process.wait()
    assert desk.decode(photograph, tmp_path / "two.jpg", 40_000_000) == {"width": 96, "height": 64}


def test_many_at_once(photograph: Path, tmp_path: Path) -> None:
    answers: list[object] = []

    def one(number: int) -> None:
        answers.append(decode(photograph, tmp_path / f"{number}.jpg", 40_000_000))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [{"width": 96, "height": 64}] * 12


def test_the_decoder_loads_neither_web_nor_torch() -> None:
    program = (
        f"import runpy, sys; runpy.run_path({desks.DECODER[-1]!r}, run_name='__main__');"
        "print(sorted({'flask', 'torch', 'redis', 'celery'} & set(sys.modules)))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], input="", capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(desks.ROOT)},
    )  # fmt: skip
    assert ended.stdout.splitlines() == ["[]"]


def test_the_decoder_knows_no_secret(
    photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk_with: Make
) -> None:
    """The decoder is replaced by a program that tells which of our variables it can see."""
    monkeypatch.setenv("MERIAN_SECRET_KEY", "secret")
    desk = desk_with("import json, os; print(json.dumps([n for n in os.environ if 'MERIAN' in n]))")
    assert desk.decode(photograph, tmp_path / "x.jpg", 1) == []


@pytest.mark.skipif(sys.platform != "linux", reason="macOS does not limit address space")
def test_memory_has_an_end(tmp_path: Path, desk_with: Make) -> None:
    """The real decoder with an allowance that 40 million pixels do not fit into; it stays alive."""
    large, small = tmp_path / "large", tmp_path / "small"
    Image.new("RGB", (8000, 5000)).save(large, "PNG", compress_level=1)
    Image.new("RGB", (64, 64)).save(small, "PNG")
    desk = desk_with("from app import decoder; decoder.MEMORY = 500_000_000; decoder.main()")
    answer = desk.decode(large, tmp_path / "x.jpg", 40_000_000)
    assert answer == {"code": "too_costly", "message": ""}
    assert desk.decode(small, tmp_path / "y.jpg", 40_000_000) == {"width": 64, "height": 64}


@pytest.mark.parametrize("program", ["import time; time.sleep(60)", "import os; os.abort()"])
def test_a_decoder_that_hangs_or_dies(
    photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk_with: Make, program: str
) -> None:
    monkeypatch.setattr(desks, "PATIENCE", 0.5)
    desk = desk_with(program)
    started = time.monotonic()
    assert desk.decode(photograph, tmp_path / "x.jpg", 1)["code"] == "too_costly"
    assert time.monotonic() - started < 10
    assert desk.process and desk.process.poll() is not None


def test_a_full_disk_is_told_as_such(photograph: Path) -> None:
    """/dev/full takes a file's name and no byte of it."""
    target = Path("/dev/full")
    if not target.exists():
        pytest.skip("no /dev/full here")
    assert decode(photograph, target, 40_000_000)["code"] == "store_full"
