"""The clock of everything, server and workers, jumps an hour forward and an hour back."""

import time
from pathlib import Path

import pytest

from tests.faults import clock as clocks
from tests.faults.load import Load
from tests.faults.report import note
from tests.faults.stack import Stack, stack, wait_for

HOUR = 3600
# Several passes of every janitor: what they would do wrong they have done by then.
PASSES = 22.0


def server_time(running: Stack) -> float:
    seconds, millionths = running.redis.time()
    return float(seconds) + millionths / 1e6


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_clock_that_jumps_gives_nothing_away(tmp_path: Path, jump: int) -> None:
    clock = clocks.build(tmp_path)
    with clock.for_what_starts(), stack(tmp_path, MERIAN_KEEP_DAYS="7") as running:
        running.web()
        workers = [running.worker(), running.worker("slow")]
        for worker in workers:
            wait_for(worker.painter, name="a painter")
        small = Load(running.address)
        kept = small.until_accepted()
        wait_for(lambda: running.ledger.get(kept).state.over, name="the first painting")

        # A painting that outlasts it all: nothing of it may be given to another.
        large = Load(running.address, size=1280)
        long = large.until_accepted()
        wait_for(lambda: running.ledger.get(long).progress.step > 0, name="the large painting")
        # As old as it may be before it is removed, but for half an hour.
        age = 7 * 24 * HOUR - HOUR / 2
        running.redis.zadd("merian:finished", {kept: server_time(running) - age})

        before = server_time(running)
        clock.jump(jump)
        # Not at once: the server reads its clock once a round.
        wait_for(lambda: abs(server_time(running) - before - jump) < 60, name="the jump")
        took = wait_for(lambda: small.submit(), name="an acceptance")
        began = time.monotonic()
        while time.monotonic() - began < PASSES:
            job = running.ledger.get(long)
            assert job.attempt == 1 and running.redis.hget(f"merian:job:{long}", "fence") == "1"
            assert running.ledger.knows(kept), "removed before its time"
            assert running.redis.exists(f"merian:idempotency:local:{small.name}-0")
            time.sleep(0.5)
        assert not running.ledger.get(long).state.over, "it was over too soon to show anything"

        # What a worker was lost over is given on as soon as ever, and lost messages are sent again.
        running.redis.delete("merian:broker:quick")
        wait_for(lambda: small.submit(), name="an acceptance")
        workers[1].kill()
        workers[1].start()
        recovered = wait_for(lambda: running.ledger.get(long).attempt == 2, name="another attempt")
        account = small.settle()
        running.ledger.cancel(long)
        account.accepted += 1
        note(f"clock jumps {jump // HOUR:+d} h", 1, account, [took, recovered])
    assert (account.lost, account.doubled) == (0, 0), account.why
