"""An upgrade host by host: old workers with a new web, the reverse, and a change of the format."""

import json
import time
from pathlib import Path

import httpx
import pytest

from tests.faults.load import Load
from tests.faults.report import note
from tests.faults.stack import Part, Stack, stack, wait_for
from tests.faults.versions import after, before
from workers.counters import counted
from workers.formats import FORMAT
from workers.jobs import State

FEW = 4


def hand_in(load: Load) -> list[str]:
    return [load.until_accepted() for _ in range(FEW)]


def settled(load: Load, fault: str, remark: str = "") -> None:
    """All of it came to one result."""
    account = load.settle(240)
    note(fault, 1, account, [], remark)
    assert (account.lost, account.doubled) == (0, 0), account.why
    assert account.accepted >= FEW


def end(running: Stack, part: Part) -> None:
    """As an upgrade does it: told to, and waited for."""
    assert part.process
    part.process.terminate()
    part.process.wait(60)


@pytest.mark.parametrize("old", ["worker", "web"])
def test_what_was_and_what_is_work_together(tmp_path: Path, old: str) -> None:
    code = before(tmp_path / "before")
    with stack(tmp_path) as running:
        running.web(code if old == "web" else None)
        running.worker(code=code if old == "worker" else None)
        load = Load(running.address)
        hand_in(load)
        settled(load, f"{old} of the version before")
        numbers = {running.redis.hget(f"merian:job:{id}", "format") for id in load.accepted}
        assert numbers == ({None} if old == "web" else {str(FORMAT)})


def test_a_worker_leaves_what_only_newer_ones_understand_to_them(tmp_path: Path) -> None:
    code = after(tmp_path / "after")
    with stack(tmp_path) as running:
        today = running.worker()
        wait_for(today.painter, name="the worker of today")
        running.web(code)
        load = Load(running.address)
        ids = hand_in(load)
        wait_for(lambda: counted(running.redis).get(("newer", "art"), 0) >= FEW, name="a look")
        began = time.monotonic()
        wait_for(lambda: not running.redis.llen("merian:broker:quick"), name="quiet")
        time.sleep(30)
        for id in ids:
            job = running.ledger.get(id)
            assert (job.state, job.attempt, job.version) == (State.QUEUED, 0, 1)
            assert job.format == FORMAT + 1
        looks = counted(running.redis)["newer", "art"]
        assert looks <= FEW * (1 + (time.monotonic() - began) / 10)
        assert "left to a newer worker" in today.log.read_text()
        # The web of then says that who is there does not do.
        ready = httpx.get(f"{running.address}/readyz")
        assert ready.status_code == 503 and ready.json()["workers"]["too_old"] == 1
        running.worker(code=code)
        settled(load, "format changed, worker of before", f"left alone {looks:.0f} times")
        assert today.process and today.process.is_running()


def test_a_worker_reads_what_a_web_of_before_writes(tmp_path: Path) -> None:
    """Also what waited since: the format is the older one."""
    code = after(tmp_path / "after")
    with stack(tmp_path) as running:
        running.web()
        load = Load(running.address)
        hand_in(load)
        running.worker(code=code)
        settled(load, "format changed, web of before")
        record = running.redis.hgetall(f"merian:job:{next(iter(load.accepted))}")
        assert record["format"] == str(FORMAT) and isinstance(json.loads(record["inputs"]), dict)


def test_an_upgrade_under_load_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """From the version before to the one after, one part at a time, with jobs in flight."""
    old, new = before(tmp_path / "before"), after(tmp_path / "after")
    with stack(tmp_path) as running:
        web, worker = running.web(old), running.worker(code=old)
        load = Load(running.address)
        with load.running():
            for version in (None, new):
                wait_for(running.running, name="work")
                beside = running.worker(code=version)
                wait_for(beside.painter, name="the newer worker")
                end(running, worker)
                worker = beside
                finished = len(running.ledger.finished_before(time.time() + 9))
                wait_for(lambda f=finished: finished_since(running, f) > 2, name="paintings")
                end(running, web)
                web = running.web(version)
            finished = len(running.ledger.finished_before(time.time() + 9))
            wait_for(lambda: finished_since(running, finished) > 2, name="paintings")
        settled(load, "upgraded twice under load")
        assert {running.ledger.get(id).format for id in load.accepted} >= {FORMAT, FORMAT + 1}


def finished_since(running: Stack, before: int) -> int:
    return int(running.redis.zcard("merian:finished")) - before
