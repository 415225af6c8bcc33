"""`merian worker`: what it takes, and how a host is drained; with real workers: tests/faults."""

import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commands import worker as command
from commands.children import Children
from commands.main import merian
from workers.ability import Ability
from workers.fleet import CAN, DRAIN, Member, announce, ask_to_leave, members, sign_off
from workers.jobs import QUEUES
from workers.ledger import Ledger
from workers.processes import worker_command
from workers.store import Store

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, valkey_url: str, tmp_path: Path) -> Run:
    monkeypatch.setenv("MERIAN_REDIS_URL", valkey_url)
    monkeypatch.setenv("MERIAN_DATA", str(tmp_path))

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(merian, ["worker", *arguments])

    return invoke


@pytest.mark.parametrize("queues", ["slow,fast", "", ","])
def test_queues_that_there_are_not(run: Run, queues: str) -> None:
    result = run("--queues", queues)
    assert result.exit_code == 2 and "--queues" in result.output


def test_nobody_to_drain_is_no_failure(run: Run, ledger: Ledger) -> None:
    announce(ledger, replace(Member.here(["quick"]), host="elsewhere"))
    result = run("--drain")
    assert result.exit_code == 0 and "No worker" in result.output
    assert len(members(ledger)) == 1


def test_a_store_that_is_away_is_a_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MERIAN_REDIS_URL", f"unix://{tmp_path}/nothing.sock")
    result = run("--drain")
    assert result.exit_code == 1 and result.output.startswith("Error: The job store")


def test_it_waits_until_all_workers_of_the_host_have_ended(
    run: Run, ledger: Ledger, redis: Store
) -> None:
    ours = [replace(Member.here([queue]), host="here") for queue in QUEUES]
    other = replace(Member.here(["quick"]), host="there")
    for each in (*ours, other):
        announce(ledger, each)

    def end() -> None:
        """As the workers do: each hears of it, and ends after a while."""
        for each in ours:
            while announce(ledger, each) is None:
                time.sleep(0.02)
            sign_off(ledger, each)

    thread = threading.Thread(target=end)
    thread.start()
    result = run("--drain", "--host", "here", "--grace", "7")
    thread.join()
    assert result.exit_code == 0 and "3 workers of here have ended" in result.output
    assert members(ledger) == [other] and redis.hlen(DRAIN) == 0


def test_workers_that_do_not_end_are_said(
    run: Run, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "LAST_STEPS", 0.2)
    announce(ledger, Member.here(["quick"]))
    result = run("--drain", "--grace", "0")
    assert result.exit_code == 1 and "1 workers of" in result.output


def test_one_that_comes_meanwhile_is_another(ledger: Ledger) -> None:
    announce(ledger, old := Member.here(["quick"]))
    ask_to_leave(ledger, [old], 5)
    assert announce(ledger, Member.here(["quick"])) is None


def test_a_device_that_is_not_here_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERIAN_DEVICE", "nonsense")
    result = run("--queues", "quick")
    assert result.exit_code == 1 and "no device 'nonsense'" in result.output


def test_workers_are_told_what_they_can_and_how_long_they_have() -> None:
    told = command.environment(Ability("cuda", 5), 12.0)
    assert (told[CAN], told["MERIAN_DRAIN_SECONDS"]) == ("cuda 5", "12")
    assert told["PATH"] == os.environ["PATH"]
    for queue, queues in (("quick", "quick"), ("slow", "gpu.slow,slow")):
        line = worker_command(queue, 2, gpu=True)
        assert line[line.index("--queues") + 1] == queues
        assert line[line.index("--concurrency") + 1] == "2"


def test_children_that_end_well_stay_ended_and_others_are_started_again(tmp_path: Path) -> None:
    def ends_with(status: int) -> list[str]:
        return [sys.executable, "-c", f"import sys; sys.exit({status})"]

    commands = {"good": ends_with(0), "bad": ends_with(3)}
    with Children(commands, dict(os.environ), None, may_leave=True) as children:
        fallen: list[str] = []
        while not fallen or not children.children[0].done:
            fallen += children.watch()
            time.sleep(0.05)
        assert set(fallen) == {"bad"} and not children.are_done
    with Children({"good": ends_with(0)}, dict(os.environ), tmp_path) as children:
        while not (fallen := children.watch()):
            time.sleep(0.05)
        assert fallen == ["good"] and not children.are_done
