"""A master, its replicas and three sentinels that watch it, all real, all of this test alone."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from workers.embedded import find_server
from workers.parent import end_with_parent

HOST = "127.0.0.1"
MASTER = "studio"
PASSWORD = "of the store"
DOWN_MS = 500
"""Silence after which a sentinel takes a server for dead."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """One process; killed and started again it has the same port and folder."""

    port: int
    folder: Path
    words: list[str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True, parents=True)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(find_server()), *self.words], cwd=self.folder, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, preexec_fn=end_with_parent(signal.SIGKILL),
            )  # fmt: skip

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        if number is signal.SIGKILL:
            self.process.wait()

    def end(self) -> None:
        if self.process and self.process.poll() is None:
            self.send(signal.SIGKILL)

    def ask(self, *command: object, password: str | None = PASSWORD) -> object:
        with Redis(HOST, self.port, password=password, socket_timeout=1) as redis:
            return redis.execute_command(*command)  # type: ignore[no-untyped-call]


@dataclass
class Sentinels:
    servers: list[Server]
    sentinels: list[Server] = field(default_factory=list)

    @property
    def url(self) -> str:
        hosts = ",".join(f"{HOST}:{each.port}" for each in self.sentinels)
        return f"redis+sentinel://:{PASSWORD.replace(' ', '%20')}@{hosts}/{MASTER}"

    @property
    def master(self) -> Server:
        """Whom the first sentinel that answers takes for it."""
        for each in self.sentinels:
            with suppress(RedisError):
                answer = each.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER, password=None)
                port = int(answer[1])  # type: ignore[index]
                return next(server for server in self.servers if server.port == port)
        raise AssertionError("no sentinel answers")

    def wait_for_copies(self, count: int, seconds: float = 30.0) -> None:
        """Until as many replicas follow the master, and the sentinels know of each other.

        Before that a failover finds nobody to promote, or no majority.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(RedisError, StopIteration):
                if self._copies() >= count and all(self._knows_others(at) for at in self.sentinels):
                    return
            time.sleep(0.05)
        raise AssertionError(f"there are no {count} replicas")

    def _copies(self) -> int:
        """How many have what was written just now."""
        with Redis(HOST, self.master.port, password=PASSWORD, socket_timeout=2) as redis:
            redis.set("a-word", "for all")
            return int(redis.wait(1 + len(self.servers), 200))

    def _knows_others(self, at: Server) -> bool:
        with Redis(HOST, at.port, socket_timeout=1, decode_responses=True) as redis:
            told = redis.sentinel_masters()[MASTER]
            others = int(told["num-other-sentinels"])
            return others == len(self.sentinels) - 1 and int(told["num-slaves"]) > 0


@contextmanager
def sentinels(folder: Path, replicas: int = 2) -> Iterator[Sentinels]:
    """Started, following, and agreed."""
    made = Sentinels([])
    try:
        for number in range(1 + replicas):
            port, home = free_port(), folder / f"server-{number}"
            options = {
                "port": port, "bind": HOST, "dir": home, "requirepass": PASSWORD,
                "masterauth": PASSWORD, "appendonly": "yes", "appendfsync": "no", "save": "",
                "repl-diskless-sync-delay": 0, "maxmemory-policy": "noeviction",
            }  # fmt: skip
            if number:
                options["replicaof"] = f"{HOST} {made.servers[0].port}"
            made.servers.append(configured(port, home, options))
        for number in range(3):
            port, home = free_port(), folder / f"sentinel-{number}"
            watched = {
                "monitor": f"{MASTER} {HOST} {made.servers[0].port} 2",
                "auth-pass": f'{MASTER} "{PASSWORD}"',
                "down-after-milliseconds": f"{MASTER} {DOWN_MS}",
                "failover-timeout": f"{MASTER} 3000",
            }
            options = {"port": port, "bind": HOST, "dir": home}
            options |= {f"sentinel {name}": value for name, value in watched.items()}
            made.sentinels.append(configured(port, home, options, "--sentinel"))
        made.wait_for_copies(replicas)
        yield made
    finally:
        for each in made.servers + made.sentinels:
            each.end()


def configured(port: int, home: Path, options: dict[str, object], *more: str) -> Server:
    """A server with a file of its options, which sentinels write to."""
    home.mkdir(parents=True)
    file = home / "conf"
    quoted = {name: f'"{value}"' if name in ("requirepass", "masterauth") else value
              for name, value in options.items()}  # fmt: skip
    file.write_text("".join(f"{name} {value}\n" for name, value in quoted.items()))
    server = Server(port, home, [str(file), *more])
    server.start()
    return server
