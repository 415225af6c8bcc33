"""A backup of the whole studio while it paints, everything lost, and the studio as it was again."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.commands.test_up import answers, free_port, state, submit, wait_for

pytestmark = pytest.mark.stack


def environment(data: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MERIAN_")}
    return kept | {"MERIAN_DATA": str(data), "MERIAN_DEVICE": "cpu"}


def merian(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "commands.main", *words],
        env=environment(data), capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@contextmanager
def running(data: Path) -> Iterator[tuple[httpx.Client, psutil.Popen]]:
    port = free_port()
    up = psutil.Popen(
        [sys.executable, "-m", "commands.main", "up", "--port", str(port)],
        env=environment(data), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as web:
            wait_for(lambda: answers(web), 90, "the first answer")
            yield web, up
    finally:
        if up.is_running():
            up.terminate()
            up.wait(40)


def test_everything_is_there_again_and_what_was_painted_goes_on(tmp_path: Path) -> None:
    old, new, file = tmp_path / "old", tmp_path / "new", tmp_path / "backup.tar.gz"
    with running(old) as (web, up):
        done = submit(web, size="64")
        wait_for(lambda: state(web, done)["state"] == "succeeded", 120, "the first painting")
        wait_for(lambda: web.get("/readyz").status_code == 200, 60, "readiness")
        picture = web.get(state(web, done)["links"]["result"]).content
        unfinished = submit(web, size="384")
        wait_for(lambda: state(web, unfinished)["progress"]["step"] > 3, 90, "the second painting")
        backed_up = merian(old, "backup", str(file))
        assert backed_up.returncode == 0, backed_up.stderr
        assert "2 jobs" in backed_up.stdout
        assert state(web, unfinished)["state"] == "running"  # nobody was held up
        refused = merian(old, "restore", str(file))
        assert refused.returncode == 1 and "not empty" in refused.stderr
        up.kill()
        up.wait(20)
    shutil.rmtree(old)

    restored = merian(old, "restore", str(file), "--data", str(new))
    assert restored.returncode == 0, restored.stderr
    with running(new) as (web, _):
        again = state(web, done)
        assert again["state"] == "succeeded"
        assert web.get(again["links"]["result"]).content == picture
        wait_for(lambda: state(web, unfinished)["state"] == "succeeded", 180, "what was unfinished")
        assert state(web, unfinished)["attempt"] == 1
        assert len(web.get("/api/v1/jobs").json()["jobs"]) == 2
        wait_for(lambda: web.get("/readyz").json()["queues"]["training"], 60, "all workers")
        assert (
            'merian_jobs_ended_total{kind="art",state="succeeded"} 2.0' in web.get("/metrics").text
        )
