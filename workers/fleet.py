"""Which workers there are: each tells every few seconds who it is and what it can.

A worker is one Celery parent process. From what it tells, jobs are sent where they are done best
(workers/routes.py), operators see who comes and goes, and a worker hears that it shall leave.
Workers of before this was written tell nothing, and work as well.
"""

import json
import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Self

from workers.formats import FORMAT
from workers.ledger import Ledger

DRAIN = "merian:drain"
"""By a worker's name: for how many seconds it may go on with what it has, then it ends."""
MEMBERS = "merian:workers"
FRESH_SECONDS = 20.0
"""Whoever told nothing for as long is gone: it would have, four times."""
FORGOTTEN_SECONDS = 3600.0
DRAIN_KEPT_SECONDS = 24 * 3600
CAN = "WORKER_CAN"
"""In the environment of workers that `merian worker` starts: device and bytes of its memory."""


@dataclass(frozen=True)
class Member:
    """One worker. `name` comes never twice: one that is started again is another."""

    queues: tuple[str, ...]
    """Those of messages, `gpu.slow` among them where it takes what wants a GPU."""
    host: str = field(default_factory=socket.gethostname)
    name: str = ""
    device: str = ""
    """cpu, cuda, mps; "" where whoever started it did not say."""
    memory_bytes: int = 0
    """Of its GPU; 0: not known."""
    format: int = FORMAT
    """The newest that it understands (workers/formats.py)."""
    going: bool = False
    """Takes nothing new, and ends when it has done what it has."""

    @classmethod
    def here(cls, queues: Sequence[str]) -> Self:
        """This process."""
        device, _, memory = os.environ.get(CAN, "").partition(" ")
        host = socket.gethostname()
        name = f"{queues[0] if queues else ''}@{host}/{os.getpid()}/{secrets.token_hex(4)}"
        return cls(tuple(queues), host, name, device, int(memory or 0))

    @property
    def takes_work(self) -> bool:
        """Whether it would do what is handed in now."""
        return not self.going and self.format >= FORMAT


def announce(ledger: Ledger, member: Member) -> float | None:
    """Tell that it is there. Seconds that it may go on where it is asked to end. `StoreDown`."""
    about = {name: value for name, value in asdict(member).items() if name != "name"}
    asked = ledger.run("announce", member.name, json.dumps(about))
    return None if asked is None else float(asked)


def sign_off(ledger: Ledger, member: Member) -> None:
    """It has ended. Raises `StoreDown`."""
    ledger.redis.hdel(MEMBERS, member.name)
    ledger.redis.hdel(DRAIN, member.name)


def members(ledger: Ledger) -> list[Member]:
    """All that are there, of every host. Raises `StoreDown`."""
    told = ledger.run("members", FORGOTTEN_SECONDS)
    found = ((name, about) for name, about, silent in told if float(silent) < FRESH_SECONDS)
    return sorted((read(name, about) for name, about in found), key=lambda each: each.name)


def read(name: str, about: str) -> Member:
    """What newer code tells beside is left out."""
    told = json.loads(about)
    known = {key: told[key] for key in Member.__dataclass_fields__ if key in told}
    return replace(Member(**known), name=name, queues=tuple(told["queues"]))


def ask_to_leave(ledger: Ledger, leaving: Sequence[Member], grace: float) -> None:
    """They hear of it with the next that they tell, within seconds. Raises `StoreDown`."""
    for each in leaving:
        ledger.redis.hset(DRAIN, each.name, str(grace))
    ledger.redis.expire(DRAIN, DRAIN_KEPT_SECONDS)
