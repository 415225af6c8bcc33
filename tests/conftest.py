"""What every test may use: a real Valkey of its own, a clean database, and a store in a folder.

`valkey_url` starts one private server a session; `redis` empties it for each test; `ledger`,
`events` and `store` are the real ones on top of it. A test that starts processes passes them
`worker_environ`.
"""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests import s3
from workers.artifacts import ArtifactStore, FolderStore, open_store
from workers.celery import broker_url, celery
from workers.embedded import private_valkey
from workers.events import EventLog
from workers.ledger import Ledger
from workers.settings import Bucket, WorkerSettings
from workers.store import Store, connect

# A busy machine is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


class ByFile(LoadScopeScheduling):
    """Which process does what: one file's tests stay together, and all that use a browser.

    Those share one stack, whose workers take seconds to start.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "tests/e2e" if "tests/e2e/" in file else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with private_valkey(tmp_path_factory.mktemp("valkey")) as url:
        celery.conf.broker_url = broker_url(url)  # messages sent by this process go there too
        yield url


@pytest.fixture
def redis(valkey_url: str) -> Iterator[Store]:
    client = connect(valkey_url)
    client.flushdb()
    yield client
    client.close()


@pytest.fixture
def ledger(redis: Store) -> Ledger:
    return Ledger(redis)


@pytest.fixture
def events(redis: Store) -> EventLog:
    return EventLog(redis)


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "artifacts")


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    with s3.s3_server() as address:
        yield address


BUCKETS = (f"merian-{number}" for number in itertools.count())


@pytest.fixture
def bucket(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty one, with this process's environment set to reach it."""
    for name, value in s3.environ(s3_address).items():
        monkeypatch.setenv(name, value)
    made = Bucket(next(BUCKETS), "of/merian")
    s3.make_bucket(s3_address, made.name)
    return made


@pytest.fixture(params=["folder", "bucket"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    """Each kind of store, made as programs make it."""
    if request.param == "folder":
        place: Path | Bucket = tmp_path / "artifacts"
    else:
        place = request.getfixturevalue("bucket")
    return open_store(WorkerSettings(data=tmp_path, artifacts=place), patience=20)


@pytest.fixture
def worker_environ(redis: Store, valkey_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment of a process that works on this test's server and store."""
    ours = {"MERIAN_REDIS_URL": valkey_url, "MERIAN_DATA": str(tmp_path)}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MERIAN_")}
    return kept | ours
