"""`merian up` is killed whole, with work in progress, and started again."""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from tests.faults.load import Load
from tests.faults.report import note, times
from tests.faults.stack import HOST, Part, children_of, free_port, wait_for

KILLS = times("UP", 5)


def servers(folder: Path) -> list[int]:
    """The Valkeys that work on this folder."""
    socket = str(folder / "valkey" / "valkey.sock")
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if words and "valkey-server" in words[0] and socket in " ".join(words):
            found.append(process.pid)
    return found


def family(up: Part) -> list[psutil.Process]:
    return [up.process, *children_of(up.process)] if up.process else []


def test_killed_whole_it_goes_on_where_it_was(tmp_path: Path) -> None:
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if name[:7] != "MERIAN_"}
    ours = {"MERIAN_DATA": str(tmp_path), "MERIAN_DEVICE": "cpu", "MERIAN_MAX_ATTEMPTS": "100"}
    command = [sys.executable, "-m", "commands.main", "up", "--port", str(port)]
    up = Part("up", command, {**kept, **ours}, tmp_path / "up.log")
    load, recovered = Load(f"http://{HOST}:{port}", outstanding=8), []
    up.start()
    try:
        load.until_accepted()
        with load.running():
            for _ in range(KILLS):
                known = len(load.accepted)
                wait_for(lambda n=known: len(load.accepted) > n + 1, name="more paintings")
                before = family(up)
                assert up.process and len(servers(tmp_path)) == 1
                up.process.send_signal(signal.SIGKILL)
                killed = time.monotonic()
                up.process.wait()
                _, alive = psutil.wait_procs(before, timeout=15)
                assert alive == [] and servers(tmp_path) == []
                ended = sum(state == "succeeded" for state in load.accepted.values())
                up.start()
                wait_for(
                    lambda n=ended: list(load.accepted.values()).count("succeeded") > n,
                    name="the next result",
                )
                recovered.append(time.monotonic() - killed)
        account = load.settle()
        unknown = load.unknown()
        note("`merian up` killed whole", KILLS, account, recovered, "until the next result")
    finally:
        for process in family(up):
            with suppress(psutil.NoSuchProcess):
                process.kill()
    assert (account.lost, account.doubled) == (0, 0), account.why
    assert unknown <= 1
