"""Somebody who hands in paintings over HTTP, whatever happens, and keeps account of them.

Each request has a key of its own (Idempotency-Key) and is repeated until it is answered: what was
accepted is known by its id, and an answer that was lost on the way makes no second painting.
"""

import io
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import httpx
from PIL import Image

OVER = ("succeeded", "failed", "cancelled")
# Seconds between two tries of a request that was not accepted.
AGAIN = 0.2


@dataclass
class Account:
    """What became of what was accepted. `lost`: ended otherwise than well, or not at all."""

    accepted: int = 0
    lost: int = 0
    doubled: int = 0
    why: list[str] = field(default_factory=list)


@dataclass
class Load:
    address: str
    size: int = 64
    outstanding: int = 4
    """How many are handed in and not over, at most."""
    options: dict[str, str] = field(default_factory=dict)
    accepted: dict[str, str] = field(default_factory=dict)
    """State by id."""
    answers: dict[int, int] = field(default_factory=dict)
    """How often each status was answered to what was handed in; 0: no answer."""
    name: str = field(default_factory=lambda: secrets.token_hex(4))
    """Of its keys."""
    _number: int = 0

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.address, timeout=40)

    def submit(self) -> str | None:
        """Try once to hand in the next painting: its id where it was accepted."""
        status, id = self.hand_in(self._number)
        self.answers[status] = self.answers.get(status, 0) + 1
        if id is None:
            return None
        self._number += 1
        self.accepted[id] = "queued"
        return id

    def hand_in(self, number: int) -> tuple[int, str | None]:
        """The status of the answer, 0 where none came, and the job's id."""
        fields = {
            "content_sample": "coffee", "style_sample": "marbled-paper", "painter": "light",
            "size": str(self.size), "seed": str(number), **self.options,
        }  # fmt: skip
        files = {name: (None, value) for name, value in fields.items()}
        try:
            answer = self.client.post(
                "/api/v1/art", files=files, headers={"Idempotency-Key": f"{self.name}-{number}"}
            )
        except httpx.TransportError:
            return 0, None
        if answer.status_code != 202:
            return answer.status_code, None
        return 202, str(answer.json()["id"])

    def until_accepted(self, seconds: float = 60.0) -> str:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if id := self.submit():
                return id
            time.sleep(AGAIN)
        raise AssertionError(f"nothing was accepted: {self.answers}")

    def look(self) -> None:
        """Ask for those that were not over."""
        for id, state in list(self.accepted.items()):
            if state not in OVER:
                with suppress(httpx.TransportError):
                    answer = self.client.get(f"/api/v1/jobs/{id}")
                    if answer.status_code in (200, 404):
                        self.accepted[id] = answer.json().get("state", "lost")

    def open(self) -> int:
        return sum(state not in (*OVER, "lost") for state in self.accepted.values())

    @contextmanager
    def running(self) -> Iterator[None]:
        """Hand in from a thread as long as the block lasts."""
        over = threading.Event()

        def go() -> None:
            while not over.is_set():
                self.look()
                while self.open() < self.outstanding and not over.is_set():
                    if not self.submit():
                        break
                over.wait(AGAIN)

        thread = threading.Thread(target=go, name="load")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def settle(self, seconds: float = 300.0) -> Account:
        """Wait until all is over, then look at everything again, from the beginning."""
        deadline = time.monotonic() + seconds
        while self.open() and time.monotonic() < deadline:
            self.look()
            time.sleep(AGAIN)
        account = Account(accepted=len(self.accepted))
        for id in self.accepted:
            found, endings = self._judge(id)
            if found:
                account.lost += 1
                account.why.append(f"{id}: {found}")
            if endings > 1:
                account.doubled += 1
                account.why.append(f"{id}: succeeded {endings} times")
        return account

    def unknown(self) -> int:
        """How many jobs there are that no answer spoke of; for who is alone on a stack.

        One may be: its request was cut off, and not repeated.
        """
        return len(self._all()) - len(self.accepted)

    def _judge(self, id: str) -> tuple[str, int]:
        """What is wrong with the job, "" where nothing is; how often it came to a result."""
        job = self.client.get(f"/api/v1/jobs/{id}").json()
        if job.get("state") != "succeeded":
            return f"{job.get('state')} {job.get('error')}", 0
        result = self.client.get(job["links"]["result"])
        if result.status_code != 200:
            return f"its result answers {result.status_code}", 1
        with Image.open(io.BytesIO(result.content)) as picture:
            picture.load()
            if max(picture.size) != self.size:
                return f"its result is {picture.size}", 1
        return "", self._endings(id)

    def _endings(self, id: str) -> int:
        """How many events say that it succeeded: an attempt says so once."""
        lines = self.client.get(f"/api/v1/jobs/{id}/events").text.splitlines()
        told = (json.loads(line[6:]) for line in lines if line.startswith("data: "))
        return sum(each["state"] == "succeeded" for each in told)

    def _all(self) -> list[str]:
        found, cursor = [], ""
        while True:
            page = self.client.get("/api/v1/jobs", params={"limit": 100, "cursor": cursor}).json()
            found += [job["id"] for job in page["jobs"]]
            cursor = page["next_cursor"]
            if not cursor:
                return found
