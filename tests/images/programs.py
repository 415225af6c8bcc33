"""Programs that run beside the tests, among them nginx and Valkey by the scripts of deploy/."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from tests.contracts.compose import ROOT
from workers.embedded import find_server

PATIENCE = 60.0


@contextmanager
def running(
    command: Sequence[str], environ: Mapping[str, str], log: Path
) -> Iterator[psutil.Popen]:
    """Until the block ends, with all that it starts."""
    with log.open("ab") as output:
        process = psutil.Popen(
            command, env=dict(environ), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        family = [process, *process.children(recursive=True)] if process.is_running() else []
        for each in reversed(family):
            with suppress(psutil.NoSuchProcess):
                each.terminate()
        _, left = psutil.wait_procs(family, timeout=20)
        for each in left:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        process.wait()


@contextmanager
def nginx(web: str, port: int, **settings: str) -> Iterator[Path]:
    """In front of `web` (HOST:PORT), by the script of docker-compose.yml. Gives where it writes."""
    with TemporaryDirectory(prefix="nginx-") as name:
        folder, cache, log = Path(name), Path(name) / "cache", Path(name) / "nginx.log"
        cache.mkdir()
        folder.chmod(0o755)  # started by root, it goes on as somebody who has no rights
        cache.chmod(0o777)
        environ = {
            "PATH": f"{os.environ['PATH']}:/usr/sbin", "TMP_FOLDER": name,
            "CACHE_FOLDER": str(cache), "WEB": web, "LISTEN": f"127.0.0.1:{port}",
        } | settings  # fmt: skip
        with running(["sh", str(ROOT / "deploy" / "proxy" / "start.sh")], environ, log):
            wait_for_port(port, log)
            yield folder


@contextmanager
def valkey(folder: Path, **settings: str) -> Iterator[None]:
    """By the script of docker-compose.yml; `settings` are those of its environment."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    (programs / "valkey-server").symlink_to(find_server())
    environ = {"PATH": f"{programs}:{os.environ['PATH']}", "VALKEY_FOLDER": str(folder)} | settings
    log = folder / "valkey.log"
    with running(["sh", str(ROOT / "deploy" / "valkey" / "start.sh")], environ, log):
        wait_for_port(int(settings.get("VALKEY_PORT", "6379")), log)
        yield


def wait_for_port(port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(log.read_text())
