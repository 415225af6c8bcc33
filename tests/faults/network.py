"""Machines of a network of their own: namespaces for net, processes and name, on one bridge.

A process in one sees no process of the others and reaches them by address alone, so that it knows
of their end what it would know of another machine's: nothing but silence. Linux, and root, only.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from workers.parent import end_with_parent

NAMED = re.compile(r"merian(\d+)-\w+")
"""Of namespaces: the process that made it, so that leftovers are known as such."""


def why_not() -> str:
    """Why such machines cannot be had here; "" where they can."""
    if sys.platform != "linux":
        return "network namespaces are Linux's"
    if os.geteuid() != 0:
        return "network namespaces need root"
    missing = [tool for tool in ("ip", "unshare") if not shutil.which(tool)]
    return f"there is no {missing[0]}" if missing else ""


def ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=True)
    return done.stdout


@dataclass
class Machine:
    """`address` is its own; what runs on it ends with `kill`, all at once."""

    name: str
    address: str
    folder: Path
    environ: Mapping[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def space(self) -> str:
        return f"merian{os.getpid()}-{self.name}"

    @property
    def cable(self) -> str:
        return f"m{os.getpid()}{self.name[:3]}"

    def run(self, command: Sequence[str]) -> None:
        """A program with a process space and a host name of its own; a log in `folder`."""
        start = f'hostname {self.name}; exec "$@"'
        whole = [
            "ip", "netns", "exec", self.space,
            "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--uts",
            "sh", "-c", start, "sh", *command,
        ]  # fmt: skip
        with (self.folder / f"{len(self.processes)}.log").open("ab") as log:
            process = subprocess.Popen(
                whole, env=dict(self.environ), stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=end_with_parent(signal.SIGKILL),
            )  # fmt: skip
        self.processes.append(process)

    def cut_off(self) -> None:
        """As if its cable were pulled."""
        ip("link", "set", self.cable, "down")

    def connect(self) -> None:
        ip("link", "set", self.cable, "up")

    def kill(self) -> None:
        """SIGKILL to whoever started each space: the kernel ends all that is in it."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()


@dataclass
class Network:
    """A bridge; `address` is this process's own on it."""

    folder: Path
    number: int
    machines: list[Machine] = field(default_factory=list)

    @property
    def bridge(self) -> str:
        return f"merian{os.getpid()}"

    @property
    def address(self) -> str:
        return f"10.77.{self.number}.254"

    def machine(self, name: str, **environ: str) -> Machine:
        """A new one, connected."""
        address = f"10.77.{self.number}.{len(self.machines) + 1}"
        folder = self.folder / name
        folder.mkdir()
        kept = {n: v for n, v in os.environ.items() if n[:7] != "MERIAN_" and n[:4] != "AWS_"}
        made = Machine(name, address, folder, kept | environ)
        self.machines.append(made)
        ip("netns", "add", made.space)
        ip("link", "add", made.cable, "type", "veth", "peer", "name", "eth0", "netns", made.space)
        ip("link", "set", made.cable, "master", self.bridge, "up")
        ip("-n", made.space, "addr", "add", f"{address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            ip("-n", made.space, "link", "set", device, "up")
        return made


@contextmanager
def network(folder: Path) -> Iterator[Network]:
    """Nothing of it outlives the block, nor the next one, where this process is killed."""
    sweep()
    made = Network(folder, number=os.getpid() % 250 + 1)
    ip("link", "add", made.bridge, "type", "bridge")
    try:
        ip("addr", "add", f"{made.address}/24", "dev", made.bridge)
        ip("link", "set", made.bridge, "up")
        yield made
    finally:
        for machine in made.machines:
            machine.kill()
        time.sleep(0.2)
        remove(os.getpid())


def sweep() -> None:
    """Remove what processes left that were killed."""
    for line in ip("netns", "list").splitlines():
        if (found := NAMED.match(line)) and not Path(f"/proc/{found[1]}").exists():
            remove(int(found[1]))


def remove(process: int) -> None:
    for line in ip("netns", "list").splitlines():
        if (found := NAMED.match(line)) and int(found[1]) == process:
            ip("netns", "del", found[0])  # its cable goes with it
    with suppress(subprocess.CalledProcessError):
        ip("link", "del", f"merian{process}")
