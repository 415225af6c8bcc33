"""Whether a worker is there: each says so at every pass of its janitor, for whoever waits on it."""

from workers.store import Store

KEY = "merian:worker-seen"
SECONDS = 30  # several passes: one that is late is no alarm


def beat(redis: Store) -> None:
    redis.set(KEY, "1", ex=SECONDS)


def worker_seen(redis: Store) -> bool:
    """Whether any worker said so lately. Raises `StoreDown`."""
    return bool(redis.exists(KEY))
