"""The master dies, or falls silent and comes back, while paintings are handed in and made."""

import json
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from tests.faults.load import Load
from tests.faults.report import note, times
from tests.faults.stack import Stack, stack_on, wait_for
from tests.sentinels import Sentinels, sentinels
from workers.jobs import Job
from workers.ledger import Ledger
from workers.store import StoreDown, connect

FAILOVERS = times("FAILOVERS", 3)
EVERY = 0.4
"""Seconds between two paintings that are handed in: about as fast as two cores paint them."""


@contextmanager
def handed_in(load: Load) -> Iterator[list[float]]:
    """Evenly, and again until it is accepted; when each was (monotonic)."""
    accepted: list[float] = []
    over = threading.Event()

    def go() -> None:
        while not over.is_set():
            if load.submit():
                accepted.append(time.monotonic())
                over.wait(EVERY)
            else:
                over.wait(0.05)

    thread = threading.Thread(target=go, name="load")
    thread.start()
    try:
        yield accepted
    finally:
        over.set()
        thread.join()


def fail(watched: Sentinels, by: signal.Signals, asleep: float) -> None:
    """The master is hurt, another takes its place, and it comes back as a replica.

    One that was stopped finds in its sockets what was sent to it when it should have been dead.
    """
    old = watched.master
    old.send(by)
    wait_for(lambda: watched.master is not old, 60, "another master")
    if by is signal.SIGSTOP:
        time.sleep(asleep)
        old.send(signal.SIGCONT)
    else:
        old.start()
    watched.wait_for_copies(len(watched.servers) - 1, 60)


def begun(running: Stack) -> Counter[str]:
    """How often each job was begun, as its workers say."""
    lines = [line for file in running.folder.glob("quick-*.log") for line in file.open()]
    told = [json.loads(line) for line in lines if line.startswith("{")]
    return Counter(each["job"] for each in told if each.get("message") == "begun")


def longest_gap(accepted: list[float], since: float, until: float) -> float:
    """Seconds in which nothing was accepted."""
    inside = [since, *(each for each in accepted if since < each < until), until]
    return max(later - earlier for earlier, later in pairwise(inside))


# With one copy asked for, a master must have slept until both replicas had left it.
@pytest.mark.parametrize(("copies", "asleep"), [(1, 2.0), (2, 0.0)])
def test_failovers_lose_and_double_nothing_that_was_accepted(
    tmp_path: Path, copies: int, asleep: float
) -> None:
    chance, pauses, taken = random.Random(1647), [], []
    with (
        sentinels(tmp_path / "sentinels") as watched,
        stack_on(watched.url, tmp_path, MERIAN_REDIS_WAIT=str(copies)) as running,
    ):
        running.web()
        running.worker()
        running.worker()
        load = Load(running.address)
        load.until_accepted()
        wait_for(lambda: load.look() or "succeeded" in load.accepted.values(), name="a result")
        with handed_in(load) as accepted:
            for number in range(FAILOVERS):
                time.sleep(chance.uniform(3.0, 5.0))
                began, moment = time.monotonic(), time.time()
                fail(watched, signal.SIGSTOP if number % 3 == 1 else signal.SIGKILL, asleep)
                taken.append(wait_for(lambda m=moment: running.taken_since(m), name="work"))
                taken[-1] = time.monotonic() - began
                before = len(accepted)
                wait_for(lambda n=before: len(accepted) > n, name="an acceptance")
                pauses.append(longest_gap(accepted, began, time.monotonic()))
        account = load.settle(600)
        unknown = load.unknown()
        again = sum(count - 1 for count in begun(running).values())
        note(
            f"failover, {copies} copies", FAILOVERS, account, pauses,
            f"begun again: {again}; painting again after {max(taken):.1f} s at worst; "
            f"answers {load.answers}",
        )  # fmt: skip
    assert (account.lost, account.doubled) == (0, 0), account.why
    assert unknown == 0
    assert 500 not in load.answers


def paint(ledger: Ledger) -> None:
    made = ledger.create(job(), 9)
    attempt = ledger.take(made.id, "worker")
    assert attempt is not None
    attempt.succeed({"key": "k"})


def job() -> Job:
    return Job(owner="ann", options={}, inputs={})


def test_a_master_that_wakes_up_too_late_promises_nothing(tmp_path: Path) -> None:
    """It finds in its sockets what was asked while it should have been dead, and does that."""
    with sentinels(tmp_path) as watched:
        # With two replicas, one of them may still follow it; both cannot, if one was promoted.
        sure, hasty = (Ledger(connect(watched.url, wait)) for wait in (2, 0))
        for each in (sure, hasty):
            paint(each)  # connected, and the scripts are known
        wanted, lost, old = job(), job(), watched.master
        old.send(signal.SIGSTOP)
        with ThreadPoolExecutor(2) as threads:
            told = threads.submit(sure.create, wanted, 9)
            answered = threads.submit(hasty.create, lost, 9)
            deadline = time.monotonic() + 8  # before they give up by themselves
            while watched.master is old and time.monotonic() < deadline:
                time.sleep(0.05)
            old.send(signal.SIGCONT)
            assert answered.result().id == lost.id
            with suppress(StoreDown):
                assert told.result().id == wanted.id
        watched.wait_for_copies(2)
        ledger = Ledger(connect(watched.url))
        assert not ledger.knows(lost.id), "this is what MERIAN_REDIS_WAIT is for"
        assert ledger.knows(wanted.id) or isinstance(told.exception(), StoreDown)
