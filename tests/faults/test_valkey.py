"""The server is killed and comes back; the wire to it goes silent and comes back."""

import random
import time
from pathlib import Path

import pytest

from tests.faults.load import Load
from tests.faults.proxy import Proxy
from tests.faults.report import note, times
from tests.faults.stack import stack, wait_for

KILLS = times("VALKEY", 20)
LONG = times("BLACKHOLE", 60)


def test_a_killed_server_loses_nothing_that_was_accepted(tmp_path: Path) -> None:
    chance = random.Random(1647)
    with stack(tmp_path) as running:
        running.web()
        running.worker()
        load, recovered = Load(running.address, outstanding=30), []
        load.until_accepted()
        wait_for(running.running, name="work")
        with load.running():
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.5, 3.0))
                before = len(load.accepted)
                running.kill_valkey()
                recovered.append(
                    wait_for(lambda n=before: len(load.accepted) > n, name="an acceptance")
                    if load.open() < load.outstanding
                    else wait_for(running.redis.ping, name="the server")
                )
        account = load.settle(600)
        unknown = load.unknown()
        note("Valkey killed", KILLS, account, recovered)
    assert (account.lost, account.doubled) == (0, 0), account.why
    assert unknown <= 1
    assert 500 not in load.answers


@pytest.mark.parametrize("seconds", [15, LONG])
def test_a_silent_wire_is_left_for_another_when_it_is_mended(tmp_path: Path, seconds: int) -> None:
    proxies: list[Proxy] = []

    def between(target: Path) -> str:
        proxies.append(Proxy(target))
        return proxies[0].address

    with stack(tmp_path, between) as running:
        running.web()
        running.worker()
        load = Load(running.address)
        with load.running():
            wait_for(lambda: "succeeded" in load.accepted.values(), name="the first result")
            proxies[0].blackhole()
            time.sleep(seconds)
            proxies[0].mend()
            mended = time.time()
            recovered = wait_for(lambda: running.taken_since(mended), name="another taking")
        account = load.settle()
        unknown = load.unknown()
        attempts = max(job.attempt for job in running.ledger.newest(1000))
        proxies[0].close()
        note(f"wire silent for {seconds} s", 1, account, [recovered])
    assert (account.lost, account.doubled) == (0, 0), account.why
    assert unknown <= 1
    assert recovered < 30
    assert attempts == 1, "what was being painted was begun anew"
    assert 500 not in load.answers
