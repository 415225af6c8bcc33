"""What this web process has done, added to the counts of all processes now and then.

A request only adds to numbers in memory. Two seconds after the first of them a thread takes them to
the store: a store that is slow or away holds up nobody.
"""

import os
import threading
import time
from collections import Counter

from workers.counters import KEY
from workers.holders import machine
from workers.store import RedisError, Store, StoreDown

STREAMS = "merian:streams"
"""By process that has had one: how many streams it has open, and when it said so."""
PAUSE_SECONDS = 2.0
SILENT_SECONDS = 3600.0
"""A process that said nothing for as long is gone; one with open streams is asked for more."""


class Tally:
    """Fields are those of workers/counters.py. Safe in any thread."""

    def __init__(self, redis: Store) -> None:
        self.redis = redis
        self.name = f"{machine()}/{os.getpid()}"
        self.streams = 0
        self._told = 0
        """Streams that the store knows of."""
        self._counts: Counter[str] = Counter()
        self._door = threading.Lock()
        self._planned = False

    def add(self, counts: dict[str, float], streams: int = 0) -> None:
        """Add to the counts, and to how many streams are open."""
        with self._door:
            for field, by in counts.items():
                self._counts[field] += by  # type: ignore[assignment]
            self.streams += streams
            if self._planned:
                return
            self._planned = True
        later = threading.Timer(PAUSE_SECONDS, self.flush)
        later.daemon = True
        later.start()

    def flush(self) -> None:
        """Take what was counted to the store; where it is away, keep it for the next time."""
        with self._door:
            counts, self._counts, self._planned = self._counts, Counter(), False
            streams = self.streams
        pipeline = self.redis.pipeline()
        for field, by in counts.items():
            pipeline.hincrbyfloat(KEY, field, by)
        if streams or self._told:
            pipeline.hset(STREAMS, self.name, f"{streams} {time.time():.0f}")
        try:
            pipeline.execute()
            self._told = streams
        except (RedisError, StoreDown):
            with self._door:
                self._counts.update(counts)


def open_streams(redis: Store) -> int:
    """Of all web processes. Raises `StoreDown`."""
    told: dict[str, str] = redis.hgetall(STREAMS)  # type: ignore[assignment]
    total = 0
    for name, said in told.items():
        count, moment = said.split()
        if time.time() - float(moment) > SILENT_SECONDS or is_gone(name):
            redis.hdel(STREAMS, name)
        else:
            total += int(count)
    return total


def is_gone(name: str) -> bool:
    """Whether it is a process of this machine that has ended."""
    host, _, process = name.rpartition("/")
    if host != machine():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
