"""The private server: its data stays, it goes when we go, and it copes with what a crash leaves."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from workers.embedded import (
    LONGEST_SOCKET_PATH,
    EmbeddedError,
    find_server,
    private_valkey,
    socket_path,
    version,
)
from workers.store import StoreDown, connect

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of a parent's death")


def wait_for(what: Callable[[], object], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def orphans() -> Iterator[list[int]]:
    """Servers that a test leaves without a parent; none outlives the test."""
    servers: list[int] = []
    yield servers
    for server in servers:
        with suppress(ProcessLookupError):
            os.kill(server, signal.SIGKILL)


def parent_of_a_server(folder: Path, orphans: list[int]) -> tuple["subprocess.Popen[str]", int]:
    """A process that holds a private server, and the server's number."""
    code = f"""
        import sys
        from pathlib import Path
        from workers.embedded import private_valkey
        with private_valkey(Path({str(folder)!r})):
            print("up", flush=True)
            sys.stdin.read()
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout and parent.stdout.readline() == "up\n"
    orphans.append(int((folder / "valkey.pid").read_text()))
    return parent, orphans[-1]


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(parent: "subprocess.Popen[str]") -> None:
    parent.kill()
    parent.communicate()


def test_data_survives_a_restart_and_nothing_is_left_running(tmp_path: Path) -> None:
    with private_valkey(tmp_path) as url:
        assert url.startswith("unix://")
        connect(url).set("kept", "yes")
        assert connect(url).config_get("appendonly") == {"appendonly": "yes"}
        pid = int((tmp_path / "valkey.pid").read_text())
    assert not runs(pid)
    assert not socket_path(tmp_path).exists()
    with private_valkey(tmp_path) as url:
        assert connect(url).get("kept") == "yes"


def test_the_socket_is_its_owners_alone(tmp_path: Path) -> None:
    with private_valkey(tmp_path / "valkey"):
        assert (tmp_path / "valkey").stat().st_mode & 0o077 == 0
        assert socket_path(tmp_path / "valkey").stat().st_mode & 0o077 == 0


@linux
def test_a_killed_parent_leaves_no_server_and_loses_no_data(
    tmp_path: Path, orphans: list[int]
) -> None:
    parent, server = parent_of_a_server(tmp_path, orphans)
    connect(f"unix://{socket_path(tmp_path)}").set("kept", "yes")
    end(parent)
    assert wait_for(lambda: not runs(server))
    with private_valkey(tmp_path) as url:
        assert connect(url).get("kept") == "yes"


def test_a_server_that_outlived_its_parent_is_ended_first(
    tmp_path: Path, orphans: list[int]
) -> None:
    """As where no death signal is: the server is frozen while its parent dies, then wakes."""
    parent, server = parent_of_a_server(tmp_path, orphans)
    connect(f"unix://{socket_path(tmp_path)}").set("kept", "yes")
    os.kill(server, signal.SIGSTOP)
    end(parent)
    assert runs(server)
    wake = subprocess.Popen(["sh", "-c", f"sleep 0.5; kill -CONT {server}"])
    with private_valkey(tmp_path) as url:
        assert connect(url).get("kept") == "yes"
        assert not runs(server)
        assert int((tmp_path / "valkey.pid").read_text()) != server
    wake.wait()


def test_a_server_that_does_not_listen_to_reason_is_killed(
    tmp_path: Path, orphans: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.embedded.STOP_SECONDS", 0.5)
    parent, server = parent_of_a_server(tmp_path, orphans)
    connect(f"unix://{socket_path(tmp_path)}").set("kept", "yes")
    os.kill(server, signal.SIGSTOP)
    end(parent)
    with private_valkey(tmp_path) as url:
        assert connect(url).get("kept") == "yes"
    assert wait_for(lambda: not runs(server))


def test_what_a_crash_left_behind_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "valkey.sock").write_text("stale")
    (tmp_path / "valkey.pid").write_text(str(os.getpid()))  # the number belongs to a stranger now
    with private_valkey(tmp_path) as url:
        assert connect(url).ping()
    (tmp_path / "valkey.pid").write_text("not a number")
    with private_valkey(tmp_path) as url:
        assert connect(url).ping()


def test_a_server_that_is_killed_comes_back_with_its_data(tmp_path: Path) -> None:
    with private_valkey(tmp_path) as url:
        redis = connect(url)
        redis.set("kept", "yes")
        first = int((tmp_path / "valkey.pid").read_text())
        os.kill(first, signal.SIGKILL)

        def back() -> bool:
            with suppress(StoreDown):
                return bool(redis.get("kept") == "yes")
            return False

        assert wait_for(back)
        second = int((tmp_path / "valkey.pid").read_text())
        assert second != first
    assert not runs(second)


def test_two_do_not_share_a_folder(tmp_path: Path) -> None:
    with private_valkey(tmp_path) as url:
        with pytest.raises(EmbeddedError, match="Another Merian"), private_valkey(tmp_path):
            pass
        assert connect(url).ping()


def test_a_deep_folder_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    assert len(os.fsencode(socket_path(deep))) <= LONGEST_SOCKET_PATH
    assert socket_path(deep) != socket_path(deep / "c")
    with private_valkey(deep) as url:
        assert connect(url).ping()


def test_data_that_cannot_be_read_is_told_in_a_sentence(tmp_path: Path) -> None:
    with private_valkey(tmp_path):
        pass
    [base] = (tmp_path / "appendonlydir").glob("*.base.rdb")
    base.write_bytes(b"this is no database")
    sentence = r"does not start: .+ \(see .+valkey.log\)"
    with pytest.raises(EmbeddedError, match=sentence), private_valkey(tmp_path):
        pass


def test_a_server_of_the_path_is_taken_if_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = tmp_path / "redis-server"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    for says, taken in (("v=6.0.16", False), ("v=7.2.4", True), ("nonsense", False)):
        server.write_text(f"#!/bin/sh\necho 'Redis server {says} sha=0'\n")
        server.chmod(0o755)
        assert (find_server() == server) is taken
    server.write_text("no program")
    assert version(str(server)) == (0, 0)


def test_a_store_that_is_away_is_named(tmp_path: Path) -> None:
    begun = time.monotonic()
    with pytest.raises(StoreDown, match="cannot be reached"):
        connect(f"unix://{tmp_path}/nothing.sock").ping()
    assert time.monotonic() - begun < 2
