"""The real stack, each part in a process group of its own, so that it can be hurt alone.

A private Valkey that is started again when it falls, the web under gunicorn, workers by their real
command lines, all on one folder. Nothing of it outlives its `with`, nor the tests, where those are
killed themselves.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from commands.up import web_command
from workers.artifacts import FolderStore
from workers.embedded import private_valkey
from workers.ledger import Ledger
from workers.parent import end_with_parent
from workers.processes import worker_command
from workers.store import Store, StoreDown, connect

HOST = "127.0.0.1"
# Of a machine that does other things, too.
PATIENCE = 180.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], object], seconds: float = PATIENCE, name: str = "it") -> float:
    """Seconds until `what` was true; a store that is away is not true yet."""
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        with suppress(StoreDown, httpx.TransportError):
            if what():
                return time.monotonic() - began
        time.sleep(0.02)
    raise AssertionError(f"{name} did not come within {seconds:g} s")


@dataclass
class Part:
    """One program with all that it starts."""

    name: str
    command: list[str]
    environ: Mapping[str, str]
    log: Path
    process: psutil.Popen | None = None
    code: Path | None = None
    """A folder with another version of Merian."""

    def start(self) -> None:
        environ = dict(self.environ)
        if self.code:
            environ["PYTHONPATH"] = str(self.code)
        with self.log.open("ab") as log:
            self.process = psutil.Popen(
                self.command, env=environ, cwd=self.code, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGKILL),
            )  # fmt: skip

    def kill(self) -> None:
        """All of it at once, as the machine's end would."""
        if self.process is None:
            return
        family = [self.process, *children_of(self.process)]
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self.process.wait()
        psutil.wait_procs(family, timeout=10)
        self.process = None

    def painter(self) -> psutil.Process | None:
        """The child of a worker that works, None while there is none."""
        for child in children_of(self.process) if self.process else []:
            with suppress(psutil.Error):
                if any("--billiard-fork" in word for word in child.cmdline()):
                    return child
        return None


def children_of(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return list(process.children(recursive=True))
    return []


@dataclass
class Stack:
    """`redis` and `ledger` look at the server itself, whatever lies between it and the rest."""

    folder: Path
    redis: Store
    environ: dict[str, str]
    parts: list[Part] = field(default_factory=list)
    port: int = field(default_factory=free_port)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.redis)

    @property
    def store(self) -> FolderStore:
        return FolderStore(Path(self.environ["MERIAN_ARTIFACTS"]))

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def web(self, code: Path | None = None) -> Part:
        """Started, and answering."""
        part = self._part("web", web_command(HOST, self.port), code)
        self.wait_for_web()
        return part

    def wait_for_web(self) -> None:
        with httpx.Client(timeout=5) as client:
            wait_for(lambda: client.get(f"{self.address}/healthz").status_code == 200, name="web")

    def worker(self, queue: str = "quick", code: Path | None = None, gpu: bool = False) -> Part:
        """Started; it takes a while until there is a painter."""
        return self._part(queue, worker_command(queue, gpu=gpu), code)

    def host(self, *options: str) -> Part:
        """All that `merian worker` starts, on this machine."""
        command = [sys.executable, "-m", "commands.main", "worker", *options]
        return self._part("worker", command)

    def _part(self, name: str, command: list[str], code: Path | None = None) -> Part:
        log = self.folder / f"{name}-{len(self.parts)}.log"
        part = Part(name, command, dict(self.environ), log, code=code)
        self.parts.append(part)
        part.start()
        return part

    def valkey_pid(self) -> int:
        return int((self.folder / "valkey" / "valkey.pid").read_text())

    def kill_valkey(self) -> None:
        """It is started again by whoever keeps it running."""
        os.kill(self.valkey_pid(), signal.SIGKILL)

    def taken_since(self, moment: float) -> bool:
        """Whether a worker took a job after `moment` (seconds since 1970)."""
        return any((job.started_at or 0) > moment for job in self.ledger.newest(200))

    def running(self) -> bool:
        return bool(self.redis.zcard("merian:running"))


@contextmanager
def stack(
    folder: Path, between: Callable[[Path], str] | None = None, **environ: str
) -> Iterator[Stack]:
    """A stack in `folder`, of which only the Valkey runs yet.

    `between` is given the server's socket and answers the address that web and workers use.
    """
    with private_valkey(folder / "valkey") as url:
        address = between(folder / "valkey" / "valkey.sock") if between else url
        with stack_on(address, folder, url, **environ) as made:
            yield made


@contextmanager
def stack_on(
    address: str, folder: Path, looked_at: str | None = None, **environ: str
) -> Iterator[Stack]:
    """A stack in `folder` on a server that there is; tests look at it by `looked_at`."""
    kept = {name: value for name, value in os.environ.items() if name[:7] != "MERIAN_"}
    ours = {
        "MERIAN_REDIS_URL": address, "MERIAN_DATA": str(folder),
        "MERIAN_ARTIFACTS": str(folder / "artifacts"), "MERIAN_SECRET_KEY": "of the faults",
        "MERIAN_OWNER_MODE": "shared", "MERIAN_DEVICE": "cpu", "MERIAN_QUEUE_LIMIT": "10000",
    }  # fmt: skip
    made = Stack(folder, connect(looked_at or address), {**kept, **ours, **environ})
    try:
        yield made
    finally:
        for part in made.parts:
            part.kill()
        made.redis.close()
