"""A wire between the server and the rest that can be made to swallow everything.

A blackholed connection is neither closed nor refused: what is written into it never arrives.
That is what a pulled cable or a firewall that forgot about us looks like.
"""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
LARGEST_PART = 65536


@dataclass
class Proxy:
    """Forwards a TCP port to the server's socket. `open` is cleared to swallow, set to forward.

    New connections are taken meanwhile and hear nothing, as behind a router that drops packets
    the kernel of the other side would not even take them: to a client both are silence.
    """

    target: Path
    open: threading.Event = field(default_factory=threading.Event)
    _over: bool = False

    def __post_init__(self) -> None:
        self.open.set()
        self._door = socket.create_server((HOST, 0))
        self.address = f"redis://{HOST}:{self._door.getsockname()[1]}/0"
        threading.Thread(target=self._listen, name="proxy", daemon=True).start()

    def close(self) -> None:
        self._over = True
        self.open.set()
        self._door.close()

    def blackhole(self) -> None:
        """From now on nothing passes, in either direction; and what is caught in it never will."""
        self.open.clear()

    def mend(self) -> None:
        """New connections pass. Those that were swallowed stay dead, and are not closed either."""
        self.open.set()

    def _listen(self) -> None:
        while not self._over:
            with suppress(OSError):
                near, _ = self._door.accept()
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        if not self.open.is_set():
            self._swallow(near)
            return
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(str(self.target))
        except OSError:
            near.close()
            return
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(LARGEST_PART):
                if not self.open.is_set():
                    self._swallow(one)
                    return
                other.sendall(data)
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _swallow(self, one: socket.socket) -> None:
        """Read until the other side gives up; it never hears a word."""
        with suppress(OSError):
            while one.recv(LARGEST_PART):
                pass
