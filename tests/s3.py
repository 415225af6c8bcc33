"""A real S3 server (moto's) over real HTTP, and a wire to it on which things go wrong."""

import re
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import boto3
from moto.server import ThreadedMotoServer

HOST = "127.0.0.1"
KEYS = {
    "AWS_ACCESS_KEY_ID": "of-the-tests",
    "AWS_SECRET_ACCESS_KEY": "of-the-tests",
    "AWS_DEFAULT_REGION": "us-east-1",
}
SAID = b"<?xml version='1.0' encoding='UTF-8'?><Error><Code>%s</Code><Message>%s</Message></Error>"


@contextmanager
def s3_server(host: str = HOST) -> Iterator[str]:
    """Its address."""
    server = ThreadedMotoServer(host, 0, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


def environ(address: str) -> dict[str, str]:
    """What a process needs to reach it."""
    return {**KEYS, "AWS_ENDPOINT_URL": address}


def make_bucket(address: str, name: str) -> None:
    client = boto3.client(
        "s3", endpoint_url=address, region_name=KEYS["AWS_DEFAULT_REGION"],
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )  # fmt: skip
    client.create_bucket(Bucket=name)


@dataclass
class Fault:
    """What happens to the next request of a method: slow_down, refuse, cut, silence or reset."""

    kind: str
    method: str
    times: int


@dataclass
class Faulty:
    """Between client and server, a request a connection; what was asked is told in `asked`."""

    target: str
    faults: deque[Fault] = field(default_factory=deque)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._door = socket.create_server((HOST, 0))
        self.address = f"http://{HOST}:{self._door.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def next(self, kind: str, method: str = "", times: int = 1) -> None:
        self.faults.append(Fault(kind, method, times))

    def close(self) -> None:
        self._over.set()
        self._door.close()

    def _listen(self) -> None:
        while not self._over.is_set():
            with suppress(OSError):
                near, _ = self._door.accept()
                threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near, suppress(OSError):
            file = near.makefile("rb")
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = file.readline()
                if not line:
                    return
                head += line
            method, path = head.split(b" ", 2)[:2]
            self.asked.append(f"{method.decode()} {path.decode()}")
            fault = self._due(method.decode())
            if fault == "reset":
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return
            if fault == "silence":
                self._over.wait()
                return
            if re.search(rb"(?i)\r\nexpect: *100-continue", head):
                near.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            body = file.read(int(length[1])) if length else b""
            if fault in ("slow_down", "refuse"):
                near.sendall(said(fault))
                return
            answer = self._forward(head, body)
            near.sendall(answer[: len(answer) - 1000] if fault == "cut" else answer)

    def _due(self, method: str) -> str:
        for fault in self.faults:
            if fault.times > 0 and fault.method in ("", method):
                fault.times -= 1
                return fault.kind
        return ""

    def _forward(self, head: bytes, body: bytes) -> bytes:
        host, port = self.target.removeprefix("http://").split(":")
        head = re.sub(rb"(?i)\r\n(expect|connection): [^\r]*", b"", head)
        head = head[:-2] + b"Connection: close\r\n\r\n"
        with socket.create_connection((host, int(port))) as far:
            far.sendall(head + body)
            parts = []
            while part := far.recv(1 << 16):
                parts.append(part)
        return b"".join(parts)


def said(fault: str) -> bytes:
    status, *words = {
        "slow_down": (b"503 Slow Down", b"SlowDown", b"Please reduce your request rate."),
        "refuse": (b"403 Forbidden", b"AccessDenied", b"Access Denied"),
    }[fault]
    body = SAID % tuple(words)
    return (
        b"HTTP/1.1 " + status + b"\r\nContent-Type: application/xml\r\nConnection: close\r\n"
        b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
    )
