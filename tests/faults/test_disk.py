"""Disks that are full: one for the pictures, then the server's own. Small ones, of memory."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.load import Load
from tests.faults.report import note
from tests.faults.stack import Stack, stack, wait_for

MEGABYTES = 24


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own at `folder`; skips the test where this user may not make one."""
    folder.mkdir(parents=True)
    options = f"size={MEGABYTES}m,mode=700,uid={os.getuid()}"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "merian-faults", folder], capture_output=True
    )
    if sys.platform != "linux" or made.returncode:
        pytest.skip("this user may not mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    """A file that takes all the room there is."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return filler


def begin(running: Stack) -> Load:
    """Web, worker, and one painting that went well."""
    running.web()
    running.worker()
    load = Load(running.address)
    first = load.until_accepted()
    wait_for(lambda: running.ledger.get(first).state.over, name="the first painting")
    load.answers.clear()
    return load


def test_no_room_for_pictures(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small") as disk:
        artifacts = disk / "artifacts"
        with stack(tmp_path / "data", MERIAN_ARTIFACTS=str(artifacts)) as running:
            load = begin(running)
            # One that has begun when the room is gone: it ends with a reason, and nothing hangs.
            large = Load(running.address, size=256)
            caught = large.until_accepted()
            wait_for(lambda: running.ledger.get(caught).progress.step > 0, name="painting")
            filler = fill(disk)
            for _ in range(3):
                load.submit()
            assert set(load.answers) == {507}, load.answers
            wait_for(lambda: running.ledger.get(caught).state.over, name="the caught one's end")
            job = running.ledger.get(caught)
            assert job.error and job.error.code == "store_full", job
            assert not list(artifacts.rglob("*.part")), "half a file was left"
            filler.unlink()
            recovered = wait_for(load.submit, name="an acceptance")
            account = load.settle()
            note("disk full: pictures", 1, account, [recovered], "507 meanwhile")
    assert (account.lost, account.doubled) == (0, 0), account.why


def test_no_room_for_the_servers_file(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "data" / "valkey") as disk,
        stack(tmp_path / "data") as running,
    ):
        load = begin(running)
        waiting = [load.until_accepted() for _ in range(4)]
        filler = fill(disk)
        wait_for(lambda: not load.submit() and load.answers.get(503), name="a refusal")
        said = {status for status in load.answers if status != 202}
        for _ in range(5):
            load.submit()
        said |= {status for status in load.answers if status != 202}
        assert said == {503}, load.answers
        # What was accepted is still shown.
        for id in waiting:
            assert load.client.get(f"/api/v1/jobs/{id}").status_code == 200
        filler.unlink()
        recovered = wait_for(load.submit, name="an acceptance")
        account = load.settle()
        note("disk full: the server's", 1, account, [recovered], "503 meanwhile")
    assert (account.lost, account.doubled) == (0, 0), account.why
