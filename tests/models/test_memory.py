"""How much memory there is and may be taken."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from models import memory

ROOT = Path(__file__).parents[2]


def test_the_machine_has_what_the_system_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "CONTAINER", Path("/nowhere"))
    assert memory.machine_memory() == pytest.approx(psutil.virtual_memory().total, rel=0.01)


@pytest.mark.parametrize(("said", "limited"), [("500000000\n", True), ("max\n", False)])
def test_a_containers_limit_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, limited: bool
) -> None:
    (tmp_path / "memory.max").write_text(said)
    monkeypatch.setattr(memory, "CONTAINER", tmp_path / "memory.max")
    assert (memory.machine_memory() == 500_000_000) == limited


def test_what_is_set_counts_before_what_there_is() -> None:
    assert memory.allowed(700) == 700_000_000
    assert memory.allowed(0) == int(0.8 * memory.machine_memory())
    assert memory.allowed(0, total=10_000) == 8_000


def test_what_was_freed_goes_back_when_asked(tmp_path: Path) -> None:
    """In a process of its own: these settings stay."""
    script = """
import psutil
from models.memory import give_back, keep_for_reuse
keep_for_reuse()
size = lambda: psutil.Process().memory_info().rss
begun = size()
held = [bytearray(1_000_000) for _ in range(300)]
full = size()
last = held.pop()  # something stays above what is freed
del held
give_back()
print(full - begun, size() - begun)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    full, left = (int(word) for word in done.stdout.split())
    assert full > 290_000_000
    if sys.platform == "linux":
        assert left < 60_000_000
