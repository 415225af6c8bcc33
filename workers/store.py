"""The connection to Redis or Valkey; where it fails, it fails as `StoreDown`, once and for all."""

import socket
from typing import Any

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import (
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,
)
from redis.retry import Retry

# A half-open socket is silent for minutes without these: measured in docs/decisions/0004-jobs.md.
SOCKET_TIMEOUT = 10.0
HEALTH_CHECK = 5
# redis-py's own limit of a hundred would tell the next of many requests that the store is away.
CONNECTIONS = 2000
# Three tries within about a quarter of a second bridge a restart of a connection, not of a server.
# One that is silent is not asked again: whoever waits for it would wait three times as long.
PATIENCE = Retry(ExponentialBackoff(cap=0.2, base=0.05), 2, supported_errors=(LostConnection,))

UNREACHABLE = (LostConnection, TimeoutError, ReadOnlyError, OutOfMemoryError)
# What a server says that cannot write to its disk, or has no room; redis-py has no names for these.
TAKES_NO_WRITES = ("MISCONF", "OOM", "LOADING", "READONLY", "NOREPLICAS")


class StoreDown(Exception):
    """Redis cannot be reached, or takes no writes; try again later."""


class Store(Redis):
    """redis-py's client with our error for a server that is away."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except UNREACHABLE as down:
            raise StoreDown("The job store cannot be reached. Try again in a moment.") from down
        except ResponseError as refused:
            if str(refused).startswith(TAKES_NO_WRITES):
                raise StoreDown("The job store takes no writes. Try again later.") from refused
            raise


def connect(url: str) -> Store:
    """A client of the server at `url` (redis://, rediss://, unix://); connects when first used."""
    keepalive = (
        {} if url.startswith("unix:") else {"socket_keepalive": True, "socket_connect_timeout": 5}
    )
    client = Store.from_url(
        url,
        decode_responses=True,
        max_connections=CONNECTIONS,
        socket_timeout=SOCKET_TIMEOUT,
        health_check_interval=HEALTH_CHECK,
        retry=PATIENCE,
        client_name=f"merian-{socket.gethostname()}"[:60].replace(" ", "-"),
        **keepalive,
    )
    assert isinstance(client, Store)
    return client


__all__ = ["RedisError", "Store", "StoreDown", "connect"]
