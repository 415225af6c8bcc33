"""How much memory there is and may be taken."""

from pathlib import Path

import psutil
import pytest

from models import memory


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
