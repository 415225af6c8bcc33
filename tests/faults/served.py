"""The web as it is served, with a Valkey and a folder of its own, and a worker where needed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from commands.up import web_command
from tests.app.conftest import listening
from workers.artifacts import FolderStore
from workers.embedded import private_valkey
from workers.ledger import Ledger
from workers.store import connect


@dataclass(frozen=True)
class Site:
    """What runs, and what lies behind it."""

    address: str
    web: psutil.Process
    data: Path
    ledger: Ledger
    store: FolderStore
    log: Path

    def resident(self) -> int:
        """Bytes that the web process has in memory; its decoders are others."""
        return int(self.web.memory_info().rss)

    def left(self) -> list[Path]:
        """Files of uploads and jobs, wherever they are."""
        folders = (self.data / "incoming", self.data / "artifacts")
        return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


@contextmanager
def serving(data: Path, queues: str = "", **settings: str) -> Iterator[Site]:
    """`queues`: those of a worker that is started too, such as slow,quick."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("MERIAN_")}
    with private_valkey(data / "valkey") as url:
        environ = kept | {
            "MERIAN_DATA": str(data), "MERIAN_REDIS_URL": url, "MERIAN_SECRET_KEY": "for tests",
            "MERIAN_OWNER_MODE": "shared", "TMPDIR": str(data / "tmp"),
        } | settings  # fmt: skip
        (data / "tmp").mkdir(exist_ok=True)
        log = data / "web.log"
        processes = [start(web_command("127.0.0.1", 0), environ, log)]
        if queues:
            processes.append(start(worker_command(queues), environ, data / "worker.log"))
        try:
            address = listening(log)
            (web,) = psutil.Process(processes[0].pid).children()
            store = FolderStore(data / "artifacts")
            yield Site(address, web, data, Ledger(connect(url)), store, log)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(30)


def worker_command(queues: str) -> list[str]:
    return [
        sys.executable, "-m", "celery", "--app", "workers.celery", "--quiet", "worker",
        "--queues", queues, "--concurrency", "1", "--without-gossip", "--without-mingle",
    ]  # fmt: skip


def start(command: list[str], environ: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as output:
        return subprocess.Popen(command, env=environ, stdout=output, stderr=output)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
