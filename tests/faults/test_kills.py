"""Workers are killed in mid-painting, again and again, while more comes in."""

import random
import time
from pathlib import Path

import pytest

from tests.faults.load import Load
from tests.faults.report import note, times
from tests.faults.stack import Part, Stack, stack, wait_for

KILLS = times("KILLS", 100)
# A job may meet many kills here; that one which kills its workers fails is another test's matter.
PATIENT = {"MERIAN_MAX_ATTEMPTS": "100"}


def kill_all(worker: Part) -> None:
    """Parent and child, and whoever looks after them starts them again."""
    worker.kill()
    worker.start()


def kill_child(worker: Part) -> None:
    """As the system does where memory is short: the parent stays and starts another."""
    painter = worker.painter()
    assert painter is not None
    painter.kill()


def kill_again_and_again(running: Stack, worker: Part, kill: object, count: int) -> list[float]:
    """Seconds after each kill until a worker has taken a job."""
    chance, recovered = random.Random(1647), []
    for _ in range(count):
        wait_for(lambda: running.running() and worker.painter(), name="work")
        time.sleep(chance.uniform(0.0, 1.5))
        moment = time.time()
        kill(worker)  # type: ignore[operator]
        recovered.append(wait_for(lambda m=moment: running.taken_since(m), name="another taking"))
    return recovered


@pytest.mark.parametrize("kill", [kill_all, kill_child])
def test_killed_workers_lose_and_double_nothing(tmp_path: Path, kill: object) -> None:
    fault = "worker killed" if kill is kill_all else "painting process killed"
    with stack(tmp_path, **PATIENT) as running:
        running.web()
        worker = running.worker()
        load = Load(running.address, outstanding=20)
        with load.running():
            recovered = kill_again_and_again(running, worker, kill, KILLS // 2)
        account = load.settle(600)
        unknown = load.unknown()
        note(fault, KILLS // 2, account, recovered)
    assert (account.lost, account.doubled) == (0, 0), account.why
    assert unknown <= 1
    assert account.accepted > KILLS // 10
