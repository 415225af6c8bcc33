"""`merian up` as a person runs it: the real processes, killed outright and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

pytestmark = pytest.mark.stack

Start = Callable[[], psutil.Popen]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], Any], seconds: float, name: str) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.1)
    raise AssertionError(f"{name} did not come within {seconds:g} s")


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def web(port: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield client


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Start]:
    """Starts `merian up` on the test's own data; whatever still runs afterwards is ended."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MERIAN_")}
    started: list[psutil.Popen] = []

    def up() -> psutil.Popen:
        process = psutil.Popen(
            [sys.executable, "-m", "commands.main", "up", "--port", str(port)],
            env=kept | {"MERIAN_DATA": str(tmp_path / "data"), "MERIAN_DEVICE": "cpu"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        started.append(process)
        return process

    yield up
    for process in started:
        if process.is_running():
            process.terminate()
            process.wait(30)


def answers(web: httpx.Client) -> bool:
    try:
        return web.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def submit(web: httpx.Client, **options: str) -> dict[str, Any]:
    samples = {"content_sample": "coffee", "style_sample": "marbled-paper"}
    # Multipart even though no file is sent: the API takes nothing else.
    fields = {name: (None, value) for name, value in (samples | options).items()}
    answer = web.post("/api/v1/art", files=fields)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    return job


def state(web: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = web.get(job["links"]["self"]).json()
    return found


def test_killed_outright_it_leaves_nothing_behind_and_the_next_start_finishes(
    start: Start, web: httpx.Client
) -> None:
    up = start()
    wait_for(lambda: answers(web), 60, "the first answer")
    finished = submit(web, size="64")
    wait_for(lambda: state(web, finished)["state"] == "succeeded", 90, "the first painting")
    unfinished, waiting = submit(web, size="384"), submit(web, size="64", seed="1")
    wait_for(lambda: state(web, unfinished)["progress"]["step"] > 3, 60, "the second painting")

    family = [up, *up.children(recursive=True)]
    assert len(family) >= 5  # itself, the store, two workers, the web
    up.send_signal(signal.SIGKILL)
    up.wait(10)
    _, alive = psutil.wait_procs(family, timeout=15)
    assert alive == []

    start()
    wait_for(lambda: answers(web), 60, "the answer after the kill")
    again = state(web, finished)
    assert again["state"] == "succeeded"
    assert web.get(again["links"]["result"]).headers["content-type"] == "image/png"
    for job in (unfinished, waiting):
        wait_for(lambda job=job: state(web, job)["state"] == "succeeded", 90, "what was unfinished")
    assert state(web, unfinished)["attempt"] == 2
    assert len(web.get("/api/v1/jobs").json()["jobs"]) == 3


def test_ctrl_c_ends_everything_in_order(start: Start, web: httpx.Client) -> None:
    up = start()
    wait_for(lambda: answers(web), 60, "the first answer")
    family = up.children(recursive=True)
    up.send_signal(signal.SIGINT)
    assert up.wait(40) == 0
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
    assert b"Merian has ended" in up.stdout.read()


def test_a_web_process_that_falls_is_started_again(start: Start, web: httpx.Client) -> None:
    up = start()
    wait_for(lambda: answers(web), 60, "the first answer")
    (master,) = [child for child in up.children() if "gunicorn" in " ".join(child.cmdline())]
    master.kill()
    wait_for(lambda: not answers(web), 10, "the fall")
    wait_for(lambda: answers(web), 30, "the answer of its successor")


def test_a_taken_port_is_one_sentence(start: Start, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        up = start()
        said = up.communicate(timeout=30)[0].decode()
    assert up.returncode == 1
    assert f"127.0.0.1:{port}" in said
    assert "--port" in said
    assert "Traceback" not in said
