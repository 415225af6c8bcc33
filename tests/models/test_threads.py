"""Threads that wait sleep: set before torch loads, and never against the user's own word."""

import os
import subprocess
import sys

import pytest

from models.threads import share_the_cores


def test_waiting_threads_sleep_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    share_the_cores()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    share_the_cores()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


@pytest.mark.parametrize("module", ["workers.celery", "commands.main"])
def test_it_comes_before_torch(module: str) -> None:
    program = (
        f"import os, sys, importlib; m = importlib.import_module({module!r})\n"
        "if hasattr(m, 'merian'): m.merian(['models', '--json'], standalone_mode=False)\n"
        "else: assert 'torch' not in sys.modules\n"
        "assert os.environ['OMP_WAIT_POLICY'] == 'PASSIVE'\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
