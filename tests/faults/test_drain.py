"""`merian worker` as a host runs it: told to end, it finishes or gives back, and ends with 0."""

import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.faults.load import Load
from tests.faults.stack import Part, Stack, stack, wait_for
from workers.fleet import members
from workers.jobs import State

PAINTING = {"size": "256", "quality": "fine"}
"""Some twenty seconds on two cores."""


def painting(running: Stack, load: Load) -> str:
    """The id of a painting that is being made."""
    id = load.until_accepted()
    wait_for(lambda: running.ledger.get(id).progress.step > 3, name="a painting")
    return id


def drain(running: Stack, *options: str) -> int:
    command = [sys.executable, "-m", "commands.main", "worker", "--drain", *options]
    return subprocess.run(command, env=running.environ, timeout=200).returncode


def ended(host: Part) -> int:
    assert host.process
    return int(host.process.wait(20))


def test_a_host_is_drained(tmp_path: Path) -> None:
    with stack(tmp_path) as running:
        running.web()
        load = Load(running.address, size=256, options=PAINTING)
        host = running.host("--queues", "quick,slow")
        wait_for(lambda: len(members(running.ledger)) == 2, name="the host")

        # Another host's name: nobody of ours is meant.
        assert drain(running, "--host", "elsewhere") == 0
        assert len(members(running.ledger)) == 2

        # It finishes what it has, and takes nothing new.
        first = painting(running, load)
        second = load.until_accepted()
        assert drain(running, "--grace", "120") == 0
        assert ended(host) == 0
        assert running.ledger.get(first).state is State.SUCCEEDED
        assert running.ledger.get(first).attempt == 1
        assert running.ledger.get(second).state is State.QUEUED
        assert members(running.ledger) == []

        # One that is started again does not remember; by a signal and with no time it gives back.
        host = running.host("--queues", "quick")
        wait_for(lambda: running.ledger.get(second).progress.step > 3, name="another painting")
        fallen = psutil.Process(host.process.children()[0].pid)  # type: ignore[union-attr]
        fallen.kill()  # one that falls is started again
        wait_for(lambda: running.ledger.get(second).state is State.RUNNING
                 and running.ledger.get(second).attempt == 2, name="a new attempt")  # fmt: skip
        wait_for(lambda: host.painter() is not None, name="a painter")
        assert host.process
        host.process.terminate()
        began = time.monotonic()
        assert ended(host) == 0
        assert time.monotonic() - began < 15
        job = running.ledger.get(second)
        assert (job.state, job.attempt) == (State.QUEUED, 1)

        # A short grace: what was done is not done again.
        host = running.host("--queues", "quick", "--grace", "12")
        wait_for(lambda: running.ledger.get(second).state is State.RUNNING, name="work")
        wait_for(lambda: list(running.store.below(f"jobs/{second}/checkpoints")), name="a state")
        assert drain(running, "--grace", "1") == 0
        assert ended(host) == 0
        saved = running.ledger.get(second)
        assert saved.state is State.QUEUED and saved.progress.fraction > 0
        running.host("--queues", "quick")
        account = load.settle(200)
        assert (account.lost, account.doubled, account.accepted) == (0, 0, 2), account.why
        logs = [path.read_text() for path in sorted(tmp_path.glob("worker-*.log"))]
        assert '"message": "going on"' in logs[-1]
