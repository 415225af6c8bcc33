"""The real stack for benchmarks: a private Valkey, gunicorn and workers, each its own process."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from workers.embedded import private_valkey
from workers.ledger import Ledger
from workers.processes import worker_command
from workers.store import Store, connect

PATIENCE = 90


@dataclass(frozen=True)
class Site:
    """Where it is, what lies behind it, and its processes by what they are."""

    address: str
    redis: Store
    ledger: Ledger
    processes: dict[str, psutil.Popen]

    def computed(self) -> dict[str, float]:
        """CPU seconds of each so far, its children included."""
        return {name: computed(process) for name, process in self.processes.items()}


@contextmanager
def site(folder: Path, web: int = 1, queues: Sequence[str] = (), **settings: str) -> Iterator[Site]:
    """`web` processes of gunicorn's, and a worker for each of `queues`; one owner, no limits."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("MERIAN_")}
    with ExitStack() as stack:
        url = stack.enter_context(private_valkey(folder / "valkey"))
        environ = kept | {
            "MERIAN_DATA": str(folder), "MERIAN_REDIS_URL": url, "MERIAN_OWNER_MODE": "shared",
            "MERIAN_SECRET_KEY": "of a benchmark", "MERIAN_QUEUE_LIMIT": "1000000",
        } | settings  # fmt: skip
        log = stack.enter_context((folder / "log").open("ab"))
        address = f"127.0.0.1:{free_port()}"
        commands = {queue: worker_command(queue) for queue in queues}
        commands["web"] = [
            sys.executable, "-m", "gunicorn", "--config", "python:commands.serving",
            "--workers", str(web), "--bind", address, "app:create_app()",
        ]  # fmt: skip
        started = {
            name: psutil.Popen(command, env=environ, stdout=log, stderr=subprocess.STDOUT)
            for name, command in commands.items()
        }
        stack.callback(end, list(started.values()))
        redis = connect(url)
        wait_until_ready(f"http://{address}/healthz")
        yield Site(f"http://{address}", redis, Ledger(redis), started)


def computed(process: psutil.Process) -> float:
    """CPU seconds of a process and its children, those that ended included."""
    times = process.cpu_times()
    own: float = times.user + times.system + times.children_user + times.children_system
    return own + sum(computed(child) for child in process.children())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310
            return
        time.sleep(0.2)
    raise TimeoutError(f"{address} does not answer")


def end(processes: Sequence[psutil.Popen]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(30)
