"""What every task of a worker process works with, made once."""

from dataclasses import dataclass
from functools import cache

from workers.artifacts import ArtifactStore, open_store
from workers.embedded import redis_url
from workers.ledger import Ledger
from workers.settings import WorkerSettings
from workers.store import connect


@dataclass(frozen=True)
class Workshop:
    settings: WorkerSettings
    ledger: Ledger
    store: ArtifactStore


@cache
def workshop() -> Workshop:
    settings = WorkerSettings.from_env()
    redis = connect(redis_url(settings), settings.redis_wait)
    ledger = Ledger(redis, settings.lease_seconds, settings.max_attempts)
    return Workshop(settings, ledger, open_store(settings))
