"""Paintings for which there is not enough memory: a limit that says no, and one that kills."""

import resource
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

from tests.faults.load import Load
from tests.faults.report import note
from tests.faults.stack import Part, stack, wait_for

MEGABYTE = 1 << 20
ROOM = 250 * MEGABYTE
"""Enough for what is small, too little for what is large."""
LARGE = {"size": 1408, "options": {"scales": "1"}}
SMALL = {"size": 320, "options": {"scales": "1", "steps": "5"}}
"""Both are for the slow worker; at one scale only, so that memory is taken at once."""
TRIES = 3


def limit(painter: psutil.Process) -> None:
    """From now on it gets so much more memory, and then no."""
    most = painter.memory_info().vms + ROOM
    painter.rlimit(psutil.RLIMIT_AS, (most, resource.RLIM_INFINITY))


class Executioner(threading.Thread):
    """Does what the system does where memory is short: it kills whoever takes the most."""

    def __init__(self, worker: Part, most: int) -> None:
        super().__init__(daemon=True)
        self.worker, self.most, self.over, self.killed = worker, most, threading.Event(), 0

    def run(self) -> None:
        while not self.over.wait(0.05):
            painter = self.worker.painter()
            with suppress(psutil.Error):
                if painter and painter.memory_info().rss > self.most:
                    painter.kill()
                    self.killed += 1
                    time.sleep(0.5)


def test_memory_that_is_refused_is_a_reason(tmp_path: Path) -> None:
    with stack(tmp_path, MERIAN_MEMORY_MB="20000") as running:
        running.web()
        worker = running.worker()
        slow = running.worker("slow")
        load, large = Load(running.address), Load(running.address, **LARGE)
        wait_for(lambda: worker.painter() and slow.painter(), name="painters")
        warm = Load(running.address, **SMALL)  # the slow worker's, which then has all it loads
        first = warm.until_accepted()
        wait_for(lambda: running.ledger.get(first).state.over, name="warmth")
        painter = slow.painter()
        assert painter
        limit(painter)
        id = large.until_accepted()
        others = [load.until_accepted() for _ in range(3)]
        wait_for(lambda: running.ledger.get(id).state.over, name="its end")
        job = running.ledger.get(id)
        assert job.error and job.error.code == "out_of_memory", job
        assert painter.is_running(), "it took its process with it"
        again = warm.until_accepted()
        wait_for(lambda: running.ledger.get(again).state.over, name="the next one's end")
        account = load.settle()
        account.accepted += 3
        account.lost += running.ledger.get(again).state.value != "succeeded"
        note("memory refused", 1, account, [], "failed: out_of_memory, at once")
    assert len(others) == 3
    assert (account.lost, account.doubled) == (0, 0), account.why


def test_a_painting_that_kills_its_workers_fails_and_the_others_go_on(tmp_path: Path) -> None:
    with stack(tmp_path, MERIAN_MEMORY_MB="20000", MERIAN_MAX_ATTEMPTS=str(TRIES)) as running:
        running.web()
        slow = running.worker("slow")
        load, large = Load(running.address, **SMALL), Load(running.address, **LARGE)
        first = load.until_accepted()
        wait_for(lambda: running.ledger.get(first).state.over, name="warmth")
        painter = slow.painter()
        assert painter
        executioner = Executioner(slow, painter.memory_info().rss + ROOM)
        executioner.start()
        id = large.until_accepted()
        behind = load.until_accepted()
        took = wait_for(lambda: running.ledger.get(id).state.over, name="its end")
        job = running.ledger.get(id)
        assert job.error and job.error.code == "worker_lost" and job.attempt == TRIES, job
        wait_for(lambda: running.ledger.get(behind).state.over, name="the other's end")
        executioner.over.set()
        account = load.settle()
        account.accepted += 1
        note("memory: killed each time", TRIES, account, [took], "failed: worker_lost")
    assert executioner.killed == TRIES
    assert (account.lost, account.doubled) == (0, 0), account.why
