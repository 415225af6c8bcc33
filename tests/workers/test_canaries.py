"""Canaries: one down each queue that is silent and empty, and who is there is heard of."""

import subprocess
import time

import pytest

from workers.canaries import HEARD, came_through, gpu_memory, send_canaries
from workers.celery import BROKER_PREFIX
from workers.census import take_census
from workers.jobs import QUEUES, Job
from workers.ledger import Ledger
from workers.processes import worker_command
from workers.store import Store


def lengths(redis: Store) -> dict[str, int]:
    return {queue: int(redis.llen(BROKER_PREFIX + queue)) for queue in QUEUES}


def send(ledger: Ledger) -> None:
    send_canaries(ledger.redis, take_census(ledger))


def test_one_waits_in_each_silent_queue_however_often_they_are_sent(
    ledger: Ledger, redis: Store
) -> None:
    send(ledger)
    send(ledger)
    assert lengths(redis) == dict.fromkeys(QUEUES, 1)


def test_none_where_a_worker_was_heard_of_or_jobs_wait(ledger: Ledger, redis: Store) -> None:
    came_through(redis, "quick")
    ledger.create(Job(owner="ann", options={}, inputs={}, queue="slow"), 9)
    send(ledger)
    assert lengths(redis) == {"quick": 0, "slow": 0, "training": 1}


def test_the_census_counts_and_times(ledger: Ledger, redis: Store) -> None:
    first = ledger.create(Job(owner="ann", options={}, inputs={}, queue="slow"), 9)
    ledger.create(Job(owner="ann", options={}, inputs={}, queue="slow"), 9)
    redis.zincrby("merian:queue:slow", -50, first.id)
    census = take_census(ledger)
    slow = next(each for each in census.queues if each.name == "slow")
    assert slow.waiting == 2 and slow.oldest_seconds == pytest.approx(50, abs=5)
    assert slow.heard_seconds is None and not slow.is_consumed
    assert ledger.take(first.id, "a")
    census = take_census(ledger)
    assert census.running == 1
    assert census.consumed == {"quick": False, "slow": True, "training": False}


def test_without_a_gpu_nothing_is_said_of_its_memory() -> None:
    pytest.importorskip("torch")
    import torch

    if torch.cuda.is_available() and torch.cuda.is_initialized():
        assert gpu_memory() is not None
    else:
        assert gpu_memory() is None


@pytest.mark.stack
def test_a_real_worker_is_heard_of_and_its_child_outlives_it(
    redis: Store, ledger: Ledger, worker_environ: dict[str, str]
) -> None:
    """The worker for trainings: its child ends with each training, not with each canary."""
    process = subprocess.Popen(
        worker_command("training"), env=worker_environ, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for(lambda: redis.hget(HEARD, "training"))
        first = children(process.pid)
        redis.hdel(HEARD, "training")
        send(ledger)
        wait_for(lambda: redis.hget(HEARD, "training"))
        assert children(process.pid) == first and len(first) >= 1
        assert take_census(ledger).consumed["training"]
    finally:
        process.terminate()
        process.communicate(timeout=30)


def children(process: int) -> list[int]:
    import psutil

    return sorted(each.pid for each in psutil.Process(process).children())


def wait_for(what: object) -> None:
    deadline = time.monotonic() + 60
    while not what():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.1)
