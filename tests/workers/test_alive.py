"""The health check of a worker's container: whether its queue's work gets done."""

import subprocess
import sys
from pathlib import Path

import pytest

from workers.alive import ask, main
from workers.canaries import came_through
from workers.settings import WorkerSettings
from workers.store import Store


def test_a_queue_that_is_consumed_is_well(redis: Store, valkey_url: str, tmp_path: Path) -> None:
    settings = WorkerSettings(redis_url=valkey_url, data=tmp_path)
    assert ask(["slow", "quick"], settings) == "Nobody takes work from slow, quick."
    came_through(redis, "slow")
    assert ask(["slow"], settings) == ""
    assert ask(["slow", "quick"], settings) == "Nobody takes work from quick."
    assert ask(["brisk"], settings) == "There is no queue brisk."


def test_without_a_store_it_says_so(tmp_path: Path) -> None:
    settings = WorkerSettings(redis_url=f"unix://{tmp_path}/nothing.sock", data=tmp_path)
    assert ask(["slow"], settings).startswith("The job store cannot be reached.")


def test_settings_that_cannot_be_used_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERIAN_QUEUE_LIMIT", "many")
    assert "MERIAN_QUEUE_LIMIT" in str(main(["slow"]))


def test_its_program_ends_as_health_checks_want(
    redis: Store, worker_environ: dict[str, str]
) -> None:
    command = [sys.executable, "-m", "workers.alive", "quick"]
    ill = subprocess.run(command, env=worker_environ, capture_output=True, text=True)
    assert (ill.returncode, ill.stderr) == (1, "Nobody takes work from quick.\n")
    came_through(redis, "quick")
    assert subprocess.run(command, env=worker_environ).returncode == 0
