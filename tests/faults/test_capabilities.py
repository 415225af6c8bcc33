"""Hosts that can different things: large work goes to the GPU, and nobody waits for one that died.

There need be no GPU: the worker says that it has one, and paints as it can.
"""

from pathlib import Path

from tests.faults.load import Load
from tests.faults.report import note
from tests.faults.stack import Part, Stack, stack, wait_for
from workers.fleet import CAN, members
from workers.holders import Holder

LARGE = {"size": "520", "steps": "12", "scales": "1"}
DRAFT = {"size": "300", "steps": "4", "scales": "1"}
"""Of the queue `slow` as well, and worth no GPU."""
BY_JANITOR = 40.0
"""Seconds in which a worker counts as gone, a janitor looks, and a busy machine gets there."""


def held_by(running: Stack, part: Part) -> bool:
    """Whether a job is in the hands of this worker."""
    assert part.process
    held = [Holder.parse(each.holder) for each in running.ledger.held()]
    return any(each.parent == part.process.pid for each in held)


def test_a_gpu_that_dies_holds_up_nobody(tmp_path: Path) -> None:
    with stack(tmp_path) as running:
        running.web()
        running.environ[CAN] = "cuda 80000000000"
        gpu = running.worker("slow", gpu=True)
        wait_for(lambda: len(members(running.ledger)) == 1, name="the GPU")
        large = Load(running.address, size=520, options=LARGE)
        small = Load(running.address, size=300, options=DRAFT)

        # It takes from both lists, in turns, and neither has to wait for the other.
        for load in (large, small):
            for _ in range(2):
                load.until_accepted()
        assert large.settle().lost == small.settle().lost == 0
        assert not running.redis.llen("merian:broker:gpu.slow")

        # It dies with one in its hands and two that wait for it; one without a GPU comes.
        for _ in range(3):
            large.until_accepted()
        wait_for(lambda: held_by(running, gpu), name="a painting")
        assert running.redis.llen("merian:broker:gpu.slow") == 2
        gpu.kill()
        running.environ[CAN] = "cpu 0"
        running.worker("slow")
        wait_for(lambda: len(members(running.ledger)) >= 1, name="the other")
        waited = wait_for(
            lambda: not running.redis.llen("merian:broker:gpu.slow"), BY_JANITOR, "another way"
        )
        account = large.settle()
        note("the only GPU killed", 1, account, [waited])
        assert (account.lost, account.doubled) == (0, 0), account.why
