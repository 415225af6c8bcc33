"""A connection waits for its other side, but not for ever."""

import socket
from collections.abc import Iterator

import gevent
import pytest

from commands import connections
from commands.connections import PatientSocket

Pair = tuple[PatientSocket, socket.socket]


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    patient = PatientSocket(ours.family, ours.type, ours.proto, fileno=ours.detach())
    patient.left = 0.3
    yield patient, theirs
    patient.close()
    theirs.close()


def test_who_says_nothing(pair: Pair) -> None:
    with pytest.raises(ConnectionResetError):
        pair[0].recv(10)


def test_who_says_little(pair: Pair) -> None:
    """Each byte comes in time, and pays for next to nothing."""
    ours, theirs = pair

    def drip() -> None:
        for _ in range(100):
            theirs.send(b"x")
            gevent.sleep(0.05)

    dripping = gevent.spawn(drip)
    received = 0
    with pytest.raises(ConnectionResetError):
        while received < 100:
            received += len(ours.recv(1))
    assert 1 < received < 20
    dripping.kill()


def test_who_says_enough(pair: Pair) -> None:
    """What came pays for what is waited."""
    ours, theirs = pair
    for _ in range(50):
        theirs.send(bytes(4000))
        assert ours.recv(4000)
    assert ours.left > 1
    assert ours.left <= connections.PATIENCE


def test_who_does_not_read(pair: Pair) -> None:
    with pytest.raises(ConnectionResetError):
        pair[0].sendall(bytes(100_000_000))


def test_all_is_sent(pair: Pair) -> None:
    ours, theirs = pair
    ours.sendall(b"a" * 50_000)
    assert theirs.recv(50_000, socket.MSG_WAITALL) == b"a" * 50_000
