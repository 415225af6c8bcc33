"""Connections that are not held up by slow ones: gunicorn's worker with an end to waiting.

Imported by gunicorn before it makes the web cooperative: nothing here may import `app`.
"""

import errno
import time
from typing import Any

import gevent.socket
from gunicorn.workers.ggevent import GeventWorker

PATIENCE = 30.0
"""Seconds that a request may keep us waiting, all together, beyond what its bytes pay for."""
RATE = 8000
"""Bytes that pay for a second: who sends or reads faster than this is never cut off."""
CHUNK = 1 << 18
"""Bytes that are sent at once."""
PART = 1 << 16
"""Bytes that are received at once: as many as are read from a form at once."""


class PatientSocket(gevent.socket.socket):  # type: ignore[misc]
    """A client's socket that ends where the other side keeps us waiting for too long.

    Only waiting counts: a stream of events in which nothing happens takes nothing from it.
    """

    left = PATIENCE

    def recv(self, size: int, *how: Any) -> bytes:
        # gunicorn asks for a megabyte, hands it out in parts, and copies what is left each time.
        data: bytes = self._in_time(super().recv, min(size, PART), *how)
        return data

    def send(self, *what: Any) -> int:
        sent: int = self._in_time(super().send, *what)
        return sent

    def sendall(self, data: bytes, flags: int = 0) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self.send(rest[:CHUNK], flags) :]

    def _in_time(self, move: Any, *how: Any) -> Any:
        self.settimeout(max(self.left, 0.01))
        began = time.monotonic()
        try:
            moved = move(*how)
        except TimeoutError:
            self.left = 0.0
            # As if the other side had gone, which everyone above knows how to take.
            raise ConnectionResetError(errno.ECONNRESET, "The other side is too slow.") from None
        size = moved if isinstance(moved, int) else len(moved)
        self.left = min(PATIENCE, self.left - (time.monotonic() - began) + size / RATE)
        return moved


class PatientWorker(GeventWorker):  # type: ignore[misc]
    """gunicorn's gevent worker; the head of a request must come within its `keepalive`."""

    def handle(self, listener: Any, client: Any, address: Any) -> None:
        family, kind, number = client.family, client.type, client.proto
        patient = PatientSocket(family, kind, number, fileno=client.detach())
        super().handle(listener, patient, address)

    def handle_request(self, listener: Any, request: Any, client: Any, address: Any) -> Any:
        client.left = PATIENCE  # each request anew; a pause between two has its own end
        try:
            return super().handle_request(listener, request, client, address)
        finally:
            client.left = PATIENCE
