"""The connection to Redis or Valkey; where it fails, it fails as `StoreDown`, once and for all.

What a replica does not have yet is lost with its master. `Store.sure` returns when as many of them
have it as MERIAN_REDIS_WAIT demands.
"""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import (
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,
)
from redis.retry import Retry
from redis.sentinel import Sentinel

from workers.address import Address

# A half-open socket is silent for minutes without these: measured in docs/decisions/0004-jobs.md.
SOCKET_TIMEOUT = 10.0
HEALTH_CHECK = 5
# redis-py's own limit of a hundred would tell the next of many requests that the store is away.
CONNECTIONS = 2000
KEEPALIVE = {"socket_keepalive": True, "socket_connect_timeout": 5}
# A replica that is there confirms within a millisecond.
WAIT_MS = 1000
# Three tries within about a quarter of a second bridge a restart of a connection, not of a server.
# One that is silent is not asked again: whoever waits for it would wait three times as long.
PATIENCE = Retry(ExponentialBackoff(cap=0.2, base=0.05), 2, supported_errors=(LostConnection,))

UNREACHABLE = (LostConnection, TimeoutError, ReadOnlyError, OutOfMemoryError)
# What a server says that cannot write to its disk, or has no room; redis-py has no names for these.
TAKES_NO_WRITES = ("MISCONF", "OOM", "LOADING", "READONLY", "NOREPLICAS", "UNBLOCKED")

Client = TypeVar("Client", bound=Redis)


class StoreDown(Exception):
    """Redis cannot be reached, or takes no writes; try again later."""


class NotCopied(StoreDown):
    """It was done, but no replica says so in time: a failover now would undo it.

    To repeat it is harmless, and waits again.
    """

    def __init__(self, answer: Any) -> None:
        super().__init__("The job store has no copy of it yet. Try again in a moment.")
        self.answer = answer
        """Of the master."""


class Store(Redis):
    """redis-py's client with our error for a server that is away."""

    copies = 0
    """Replicas that must have what `sure` did."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        with translated():
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]

    def sure(self, *command: Any) -> Any:
        """The answer to one command, once enough replicas have what it wrote.

        Raises `StoreDown`, of these `NotCopied` where it was done but a failover may undo it. A
        command that writes nothing has nothing to wait for: Valkey says at once that all have it.
        """
        if not self.copies:
            return self.execute_command(*command)
        # Both at once, on one connection: what WAIT waits for is what its own connection wrote.
        both = self.pipeline(transaction=False)
        both.execute_command(*command)  # type: ignore[no-untyped-call]
        both.wait(self.copies, WAIT_MS)
        with translated():
            answer, copies = both.execute(raise_on_error=False)
            for each in (answer, copies):
                if isinstance(each, Exception):
                    raise each
        if copies < self.copies:
            # A master that woke up too late is left for the one that sentinels name by now.
            self.connection_pool.disconnect(inuse_connections=False)
            raise NotCopied(answer)
        return answer

    def sure_script(self, script: Any, arguments: Sequence[Any]) -> Any:
        """What a registered script answers, as `sure`."""
        try:
            return self.sure("EVALSHA", script.sha, 0, *arguments)
        except NoScriptError:  # a new master has never heard of it
            self.script_load(script.script)
            return self.sure("EVALSHA", script.sha, 0, *arguments)


@contextmanager
def translated() -> Iterator[None]:
    """What a server that is away, or refuses, is in our words."""
    try:
        yield
    except UNREACHABLE as down:
        raise StoreDown("The job store cannot be reached. Try again in a moment.") from down
    except ResponseError as refused:
        if str(refused).startswith(TAKES_NO_WRITES):
            raise StoreDown("The job store takes no writes. Try again later.") from refused
        raise


def connect(url: str, wait: int | None = None) -> Store:
    """A client of the store at `url` (workers/address.py); connects when first used.

    `wait`: replicas that must have a job before it counts as accepted; None: one where sentinels
    may make another the master, else none.
    """
    address = Address.parse(url)
    client = client_of(
        address,
        Store,
        decode_responses=True,
        max_connections=CONNECTIONS,
        socket_timeout=SOCKET_TIMEOUT,
        health_check_interval=HEALTH_CHECK,
        retry=PATIENCE,
        client_name=f"merian-{socket.gethostname()}"[:60].replace(" ", "-"),
        **({} if url.startswith("unix:") else KEEPALIVE),
    )
    client.copies = int(bool(address.sentinels)) if wait is None else wait
    return client


def connect_raw(url: str, timeout: float) -> Redis:
    """redis-py's own client, whose answers are bytes; for what takes up to `timeout` seconds."""
    return client_of(Address.parse(url), Redis, socket_timeout=timeout)


def client_of(address: Address, kind: type[Client], **options: Any) -> Client:
    if not address.sentinels:
        return cast(Client, kind.from_url(address.url, **options))
    read = address.options
    tls = {"ssl": True, **address.tls} if address.tls else {}
    login = {name: read[name] for name in ("username", "password", "db") if name in read}
    # Each new connection asks who is master; a change of it ends all that are idle.
    sentinels = Sentinel(  # type: ignore[no-untyped-call]
        address.sentinels, sentinel_kwargs=address.sentinel_options
    )
    master = sentinels.master_for(  # type: ignore[no-untyped-call]
        address.master, kind, **options, **login, **tls
    )
    return cast(Client, master)


__all__ = ["NotCopied", "RedisError", "Store", "StoreDown", "connect", "connect_raw"]
