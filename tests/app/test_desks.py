"""Decoders are processes of their own: what they may take, what they may know, how they fall."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from app import decoder, desks
from app.desks import Desk, Desks, decode
from app.errors import Refusal

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
    monkeypatch.setenv("MERIAN_SECRET_KEY", "a secret")
    monkeypatch.setenv("CLOUD_TOKEN", "a secret")
    desk = desk_with("import json, os; print(json.dumps('a secret' in os.environ.values()))")
    assert desk.decode(photograph, tmp_path / "x.jpg", 1) is False


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


def test_a_child_may_not_do_much(photograph: Path, tmp_path: Path, desk_with: Make) -> None:
    """The real decoder, whose children tell their limits instead of decoding."""
    desk = desk_with(
        "import resource as r; from app import decoder\n"
        "names = ('RLIMIT_CPU', 'RLIMIT_FSIZE', 'RLIMIT_NOFILE', 'RLIMIT_CORE')\n"
        "decoder.copied = lambda **_: None\n"
        "decoder.answered = lambda *_: [r.getrlimit(getattr(r, name)) for name in names]\n"
        "decoder.main()"
    )
    limits = desk.decode(photograph, tmp_path / "x.jpg", 1)
    each = (decoder.SECONDS, decoder.LARGEST_FILE, decoder.OPEN_FILES, 0)
    assert limits == [[limit, limit] for limit in each]


def test_a_child_that_writes_without_end_is_ended(
    photograph: Path, tmp_path: Path, desk_with: Make
) -> None:
    desk = desk_with(
        "from app import decoder; decoder.LARGEST_FILE = 1000\n"
        "decoder.copied = lambda **_: None\n"
        "decoder.clean = lambda source, target, most: target.write_bytes(bytes(9999))\n"
        "decoder.main()"
    )
    assert desk.decode(photograph, tmp_path / "x.jpg", 1)["code"] == "too_costly"
    assert (tmp_path / "x.jpg").stat().st_size <= 1000


def test_whoever_hangs_goes_with_all_its_children(
    photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk_with: Make
) -> None:
    monkeypatch.setattr(desks, "PATIENCE", 3.0)
    told = tmp_path / "told"
    desk = desk_with(
        "import os, time; from pathlib import Path; from app import decoder\n"
        "decoder.copied = lambda **_: None\n"
        f"decoder.clean = lambda *_: (Path({str(told)!r}).write_text(str(os.getpid())),"
        " time.sleep(60))\n"
        "decoder.main()"
    )
    assert desk.decode(photograph, tmp_path / "x.jpg", 1)["code"] == "too_costly"
    deadline = time.monotonic() + 10
    while is_alive(int(told.read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_line_has_an_end(
    photograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is too many hears so at once; who waited too long, then."""
    few = Desks(1)
    monkeypatch.setattr(desks, "LONGEST_WAIT", 0.2)
    with few.one():
        started = time.monotonic()
        with pytest.raises(Refusal) as slow, few.one():
            pass
        assert slow.value.code == "busy"
        assert time.monotonic() - started >= 0.2
        monkeypatch.setattr(desks, "LONGEST_LINE", 0)
        with pytest.raises(Refusal) as many, few.one():
            pass
        assert many.value.code == "busy"
    monkeypatch.setattr(desks, "LONGEST_LINE", 9)
    with few.one() as desk:
        answer = desk.decode(photograph, tmp_path / "x.jpg", 40_000_000)
    assert answer == {"width": 96, "height": 64}
