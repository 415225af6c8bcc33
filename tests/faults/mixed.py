"""Somebody who hands in paintings and photographs to be named, and thinks better of some."""

import json
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from tests.faults.load import Load
from tests.faults.originals import encoded, photograph

PAINTED, NAMED, CANCELLED = "painted", "named", "cancelled"
TURNS = (PAINTED, NAMED, PAINTED, CANCELLED, PAINTED, NAMED, PAINTED, PAINTED, NAMED, PAINTED)


@dataclass
class MixedLoad(Load):
    """Of ten jobs six are painted, three named, one is cancelled."""

    most: int = 500
    kinds: dict[str, str] = field(default_factory=dict)
    """By id."""
    to_cancel: set[str] = field(default_factory=set)
    too_late: set[str] = field(default_factory=set)
    """Those that were over when they were to be cancelled."""

    def submit(self) -> str | None:
        if self._number >= self.most:
            return None
        kind = TURNS[self._number % len(TURNS)]
        id = super().submit()
        if id:
            self.kinds[id] = kind
            if kind == CANCELLED:
                self.to_cancel.add(id)
        return id

    def hand_in(self, number: int) -> tuple[int, str | None]:
        if TURNS[number % len(TURNS)] != NAMED:
            return super().hand_in(number)
        file = encoded(photograph(96 + number % 16, 72), "JPEG")
        try:
            answer = self.client.post(
                "/api/v1/species", files={"image": ("p.jpg", file)},
                headers={"Idempotency-Key": f"{self.name}-{number}"},
            )  # fmt: skip
        except httpx.TransportError:
            return 0, None
        return answer.status_code, str(answer.json()["id"]) if answer.status_code == 202 else None

    def look(self) -> None:
        super().look()
        for id in list(self.to_cancel):
            with suppress(httpx.TransportError):
                status = self.client.post(f"/api/v1/jobs/{id}/cancel").status_code
                if status == 409:
                    self.too_late.add(id)
                if status in (200, 202, 409):
                    self.to_cancel.discard(id)

    @property
    def all_in(self) -> bool:
        return self._number >= self.most

    def _judge(self, id: str) -> tuple[str, int]:
        kind = self.kinds[id]
        if kind == CANCELLED and id not in self.too_late:
            state = self.client.get(f"/api/v1/jobs/{id}").json().get("state")
            endings = self._endings(id)
            return ("" if state == "cancelled" and not endings else f"{state}, {endings}"), endings
        if kind != NAMED:
            return super()._judge(id)
        job = self.client.get(f"/api/v1/jobs/{id}").json()
        if job.get("state") != "succeeded":
            return f"{job.get('state')} {job.get('error')}", 0
        result = self.client.get(job["links"]["result"])
        if result.status_code != 200 or "answers" not in json.loads(result.content):
            return f"its result answers {result.status_code}", 1
        return "", self._endings(id)
