"""Clients that nobody would want: slow with their headers, with their pictures, with reading."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

BODY = 1_000_000


@dataclass
class Slow:
    """A connection on which a byte goes each `pause` seconds."""

    address: str
    way: str
    path: str = "/"
    pause: float = 1.0
    port: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with suppress(OSError), self.connected() as peer:
            self.port = peer.getsockname()[1]
            getattr(self, self.way)(peer)

    def connected(self) -> socket.socket:
        place = urlsplit(self.address)
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # before it connects, or in vain
        peer.settimeout(self.pause)
        peer.connect((place.hostname, place.port))
        return peer

    def head(self, peer: socket.socket) -> None:
        self.drip(peer, b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 5000)

    def body(self, peer: socket.socket) -> None:
        peer.sendall(
            b"POST /api/v1/art HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b"
            b"\r\nContent-Length: %d\r\n\r\n--b\r\nContent-Disposition: form-data; name=content; "
            b"filename=a.jpg\r\n\r\n" % BODY + bytes(1000)
        )
        self.drip(peer, bytes(BODY))

    def read(self, peer: socket.socket) -> None:
        """Asks for a large answer and takes a byte of it at a time."""
        peer.sendall(f"GET {self.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        while not self.over.wait(self.pause) and peer.recv(1):
            pass

    def drip(self, peer: socket.socket, data: bytes) -> None:
        for at in range(len(data)):
            peer.sendall(data[at : at + 1])
            with suppress(TimeoutError):
                if not peer.recv(1000):  # it was closed; else this waits for the pause
                    return
            if self.over.is_set():
                return


def set_going(clients: list[Slow]) -> None:
    for client in clients:
        threading.Thread(target=client.run, daemon=True).start()
