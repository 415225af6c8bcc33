"""API keys: who has one may do what its scopes say, in the name of its owner.

A key is shown once, when it is made; Redis keeps its SHA-256. 256 random bits need no salt and no
slow hash: there is nothing that could be guessed.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from workers.store import Store

SCOPES = {
    "read": "See jobs, results, models and data sets.",
    "paint": "Hand in paintings.",
    "identify": "Hand in photographs to be named, and say what they show.",
    "train": "Hand in data sets and trainings.",
    "share": "Make links by which anybody sees a result, and end them.",
    "delete": "Cancel and remove jobs, remove models.",
    "metrics": "Read /metrics.",
}
"""What a key can allow, in words of what people do."""
TEXT = re.compile(r"merian_([0-9a-f]{16})_([0-9a-f]{64})")
OWNER = re.compile(r"[\w-]{1,64}")
DAY = 24 * 3600
USED_EVERY = 60
"""Seconds: that a key was used is written down at most so often."""
INDEX = "merian:keys"


class InvalidKey(Exception):
    """A key that nobody has, that has expired or was removed."""


class KeyNotFound(LookupError):
    """There is no key of this id."""


@dataclass(frozen=True)
class Key:
    """What is known of a key: never its secret. Times are seconds since 1970, the server's."""

    id: str
    name: str
    owner: str
    """Whose jobs it sees and makes."""
    scopes: tuple[str, ...]
    created: float
    expires: float | None
    used: float | None
    """When it was last used, to the minute."""

    @classmethod
    def read(cls, id: str, record: Mapping[str, str]) -> Self:
        return cls(
            id, record["name"], record["owner"], tuple(record["scopes"].split()),
            float(record["created"]), moment(record["expires"]), moment(record["used"]),
        )  # fmt: skip

    def allows(self, scope: str) -> bool:
        return scope in self.scopes


@dataclass(frozen=True)
class Keys:
    """Those of one Merian. Everything raises `StoreDown` where Redis cannot be reached."""

    redis: Store
    look: Any
    """The script that finds a key."""

    @classmethod
    def at(cls, redis: Store) -> Self:
        folder = Path(__file__).parent / "lua"
        script = (folder / "prelude.lua").read_text() + (folder / "key.lua").read_text()
        return cls(redis, redis.register_script(script))

    def new(
        self, name: str, scopes: Iterable[str], days: int | None = None, owner: str = ""
    ) -> tuple[Key, str]:
        """A new key and its text, which nobody can find out again.

        `days`: how long it lives, None for ever. `owner`: whose jobs it is for; "": its own.
        """
        id, secret = secrets.token_hex(8), secrets.token_hex(32)
        text = f"merian_{id}_{secret}"
        seconds, micros = self.redis.time()
        made = seconds + micros / 1e6
        record: dict[Any, Any] = {
            "digest": digest_of(text),
            "name": name,
            "owner": owner or f"key-{id}",
            "scopes": " ".join(scope for scope in SCOPES if scope in set(scopes)),
            "created": f"{made:.6f}",
            "expires": f"{made + days * DAY:.6f}" if days else "",
            "used": "",
        }
        with self.redis.pipeline() as both:
            both.hset(f"merian:key:{id}", mapping=record)
            both.zadd(INDEX, {id: made})
            both.execute()
        return Key.read(id, record), text

    def check(self, text: str) -> Key:
        """The key of this text, or `InvalidKey`."""
        found = TEXT.fullmatch(text)
        if not found:
            raise InvalidKey
        digest = digest_of(text)
        key, kept = self._find(found[1], digest)
        if not hmac.compare_digest(digest, kept):
            raise InvalidKey
        return key

    def alive(self, id: str) -> Key:
        """The key of an id that was checked before, for a session. Raises `InvalidKey`."""
        return self._find(id, "")[0]

    def all(self) -> list[Key]:
        """Every key, the newest first, those that have expired among them."""
        ids: Any = self.redis.zrevrange(INDEX, 0, -1)
        records: Any = [(id, self.redis.hgetall(f"merian:key:{id}")) for id in ids]
        return [Key.read(id, record) for id, record in records if record]

    def remove(self, id: str) -> None:
        """At once, with the sessions that were begun with it. Raises `KeyNotFound`."""
        known = self.redis.sure("DEL", f"merian:key:{id}")  # a failover must not bring it back
        self.redis.zrem(INDEX, id)
        if not known:
            raise KeyNotFound(id)

    def _find(self, id: str, digest: str) -> tuple[Key, str]:
        """The key, and the digest that it must have. Raises `InvalidKey`."""
        time, *flat = self.look(args=[id, digest, USED_EVERY])
        if not flat:
            raise InvalidKey
        record = dict(zip(flat[::2], flat[1::2], strict=True))
        key = Key.read(id, record)
        if key.expires is not None and key.expires <= float(time):
            raise InvalidKey
        return key, record["digest"]


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def moment(text: str) -> float | None:
    return float(text) if text else None
