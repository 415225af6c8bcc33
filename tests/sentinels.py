"""A master, its replicas and three sentinels that watch it, all real, all of this test alone."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from redis import Redis
from redis.exceptions import RedisError

from tests.certificates import Authority
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
    login: dict[str, Any]
    """What a client of it needs: password, certificates."""
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

    def client(self) -> Redis:
        return Redis(HOST, self.port, socket_timeout=2, decode_responses=True, **self.login)


@dataclass
class Sentinels:
    servers: list[Server]
    sentinels: list[Server] = field(default_factory=list)
    tls: dict[str, Any] = field(default_factory=dict)
    """redis-py's options of a client."""

    @property
    def url(self) -> str:
        hosts = ",".join(f"{HOST}:{each.port}" for each in self.sentinels)
        url = f"redis+sentinel://:{quote(PASSWORD)}@{hosts}/{MASTER}"
        files = {name: each for name, each in self.tls.items() if name != "ssl"}
        return f"{url.replace('redis', 'rediss', 1)}?{urlencode(files)}" if files else url

    @property
    def master(self) -> Server:
        """Whom the first sentinel that answers takes for it."""
        for each in self.sentinels:
            with suppress(RedisError), each.client() as redis:
                port = int(redis.sentinel_get_master_addr_by_name(MASTER)[1])
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
        with self.master.client() as redis:
            redis.set("a-word", "for all")
            return int(redis.wait(1 + len(self.servers), 200))

    def _knows_others(self, at: Server) -> bool:
        with at.client() as redis:
            told = redis.sentinel_masters()[MASTER]
            others = int(told["num-other-sentinels"])
            return others == len(self.sentinels) - 1 and int(told["num-slaves"]) > 0


@contextmanager
def sentinels(
    folder: Path, replicas: int = 2, authority: Authority | None = None
) -> Iterator[Sentinels]:
    """Started, following, and agreed. With an `authority` all speak TLS and nothing else."""
    made, certificates = Sentinels([]), {}
    if authority:
        certificate, key = authority.issue("server")
        made.tls = {
            "ssl": True, "ssl_ca_certs": str(authority.ca),
            "ssl_certfile": str(certificate), "ssl_keyfile": str(key),
        }  # fmt: skip
        certificates = {
            "tls-ca-cert-file": authority.ca, "tls-cert-file": certificate, "tls-key-file": key,
            "tls-auth-clients": "yes", "tls-replication": "yes",
        }  # fmt: skip
    try:
        for number in range(1 + replicas):
            port, home = free_port(), folder / f"server-{number}"
            options = {
                "bind": HOST, "dir": home, "requirepass": f'"{PASSWORD}"',
                "masterauth": f'"{PASSWORD}"', "appendonly": "yes", "appendfsync": "no", "save": "",
                "repl-diskless-sync-delay": 0, "maxmemory-policy": "noeviction",
            }  # fmt: skip
            if number:
                options["replicaof"] = f"{HOST} {made.servers[0].port}"
            server = Server(port, home, [], {"password": PASSWORD} | made.tls)
            begin(server, options | certificates)
            made.servers.append(server)
        for number in range(3):
            port, home = free_port(), folder / f"sentinel-{number}"
            watched = {
                "monitor": f"{MASTER} {HOST} {made.servers[0].port} 2",
                "auth-pass": f'{MASTER} "{PASSWORD}"',
                "down-after-milliseconds": f"{MASTER} {DOWN_MS}",
                "failover-timeout": f"{MASTER} 3000",
            }
            options = {f"sentinel {name}": value for name, value in watched.items()}
            server = Server(port, home, ["--sentinel"], made.tls)
            begin(server, {"bind": HOST, "dir": home} | certificates | options)
            made.sentinels.append(server)
        made.wait_for_copies(replicas)
        yield made
    finally:
        for each in made.servers + made.sentinels:
            each.end()


def begin(server: Server, options: dict[str, Any]) -> None:
    """With a file of its options, which sentinels write to."""
    server.folder.mkdir(parents=True)
    if "tls-cert-file" in options:
        options = {"port": 0, "tls-port": server.port} | options
    else:
        options = {"port": server.port} | options
    file = server.folder / "conf"
    file.write_text("".join(f"{name} {value}\n" for name, value in options.items()))
    server.words.insert(0, str(file))
    server.start()
