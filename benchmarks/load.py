"""Clients for load: requests are ready as bytes, so that sending takes little of the machine."""

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
CLIENTS = 64
"""Connections of an open loop: more than wait at once before its rate is plainly too high."""


@dataclass(frozen=True)
class Form:
    """A multipart form as it goes over the wire."""

    body: bytes
    media_type: str

    @classmethod
    def of(cls, fields: dict[str, str], files: dict[str, bytes]) -> "Form":
        """Files are JPEGs, named after their fields."""
        mark = secrets.token_hex(16)
        told = 'Content-Disposition: form-data; name="{0}"'
        parts = [
            f"--{mark}\r\n{told.format(name)}\r\n\r\n{text}\r\n".encode()
            for name, text in fields.items()
        ] + [
            f'--{mark}\r\n{told.format(name)}; filename="{name}.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n".encode()
            + data
            + b"\r\n"
            for name, data in files.items()
        ]
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        return cls(body, f"multipart/form-data; boundary={mark}")


class Client:
    """One connection that is kept."""

    def __init__(self, address: str) -> None:
        self.connection = HTTPConnection(urlsplit(address).netloc, timeout=120)

    def get(self, path: str) -> tuple[int, bytes]:
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def post(self, path: str, form: Form) -> tuple[int, Any]:
        """The status, and what JSON says."""
        self.connection.request("POST", path, form.body, {"Content-Type": form.media_type})
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    @contextmanager
    def events(self, path: str) -> Iterator[Iterator[dict[str, Any]]]:
        """What a stream of events says, one after another. The connection is spent then."""
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        lines = iter(answer.readline, b"")
        yield (json.loads(line[6:]) for line in lines if line.startswith(b"data: "))
        self.connection.close()


def open_loop(
    rate: float, seconds: float, address: str, act: Callable[[Client], int]
) -> tuple[list[float], list[int]]:
    """Act at this rate (a second), whether answers come or not.

    Seconds each took, from when it was due: one that had to wait for those before it is late,
    and that counts. And what each `act` answered.
    """
    begun = time.perf_counter()
    local = threading.local()

    def one(number: int) -> tuple[float, int]:
        due = begun + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        if not hasattr(local, "client"):
            local.client = Client(address)
        answer = act(local.client)
        return time.perf_counter() - due, answer

    with ThreadPoolExecutor(CLIENTS) as pool:
        done = list(pool.map(one, range(round(rate * seconds))))
    return [took for took, _ in done], [answer for _, answer in done]


def closed_loop(clients: int, seconds: float, address: str, act: Callable[[Client], T]) -> list[T]:
    """So many clients, each acting again as soon as it is answered; what each `act` answered."""
    until = time.perf_counter() + seconds

    def one(number: int) -> list[T]:
        client, answers = Client(address), []
        while time.perf_counter() < until:
            answers.append(act(client))
        return answers

    with ThreadPoolExecutor(clients) as pool:
        return [answer for answers in pool.map(one, range(clients)) for answer in answers]


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
