"""The worker for trainings makes way for the others: a real process on a real queue."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from workers.celery import BROKER_PREFIX, celery
from workers.jobs import QUEUES
from workers.processes import worker_commands
from workers.store import Store

PATIENCE = 120.0


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_each_queue_has_a_worker() -> None:
    commands = worker_commands()
    assert tuple(commands) == QUEUES == ("quick", "slow", "training")
    for queue, command in commands.items():
        assert command[command.index("--queues") + 1] == queue


@pytest.fixture
def worker(worker_environ: dict[str, str], tmp_path: Path) -> Iterator[psutil.Popen]:
    with (tmp_path / "worker.log").open("wb") as log:
        parent = psutil.Popen(
            worker_commands()["training"], env=worker_environ, stdout=log, stderr=subprocess.STDOUT
        )
    yield parent
    for process in (*parent.children(recursive=True), parent):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    parent.wait()


def child_of(parent: psutil.Popen) -> psutil.Process | None:
    """The child that works, once it is there."""
    for child in parent.children():
        with suppress(psutil.NoSuchProcess):
            if any("--billiard-fork" in word for word in child.cmdline()):
                return child
    return None


@pytest.mark.stack
def test_a_worker_for_trainings_is_nice_and_outlives_what_is_no_training(
    worker: psutil.Popen, redis: Store
) -> None:
    before = psutil.Process().nice()
    wait_for(lambda: child_of(worker))
    first = child_of(worker)
    assert first and first.nice() == worker.nice() == min(before + 10, 19)
    # It loads no network before it is asked to train.
    time.sleep(1.0)
    assert not any("libtorch" in mapped.path for mapped in first.memory_maps())
    celery.send_task("workers.tasks.training.train", ["0" * 32], queue="training")
    wait_for(lambda: redis.llen(BROKER_PREFIX + "training") == 0)
    wait_for(lambda: redis.hlen(BROKER_PREFIX + "unacked") == 0)
    time.sleep(1.0)
    assert worker.is_running() and first.is_running()  # memory is given back: test_training.py
