"""A real worker on a real queue: what it does with work, and what comes of work when it dies."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import pytest

from workers.artifacts import FolderStore
from workers.celery import BROKER_PREFIX
from workers.events import EventLog
from workers.jobs import Job, State
from workers.ledger import Ledger
from workers.processes import worker_command
from workers.store import Store
from workers.submit import Submitter

pytestmark = pytest.mark.stack

# Generous, since the machine may be busy; what has a bar of its own measures it.
PATIENCE = 120.0


def wait_for(what: Callable[[], object], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def descendants(parent: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return list(parent.children(recursive=True))
    return []


@dataclass
class Workers:
    """Workers of the quick queue, for small paintings; none outlives the test."""

    environ: dict[str, str]
    log: Path
    parents: list[psutil.Popen] = field(default_factory=list)

    def start(self) -> psutil.Popen:
        with self.log.open("ab") as log:
            parent = psutil.Popen(
                worker_command("quick"), env=self.environ, stdout=log, stderr=subprocess.STDOUT
            )
        self.parents.append(parent)
        return parent

    def end(self) -> None:
        for parent in self.parents:
            for process in (*descendants(parent), parent):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            parent.wait()


@pytest.fixture
def workers(worker_environ: dict[str, str], tmp_path: Path) -> Iterator[Workers]:
    """On the CPU, so that the test is the same everywhere."""
    workers = Workers(worker_environ | {"MERIAN_DEVICE": "cpu"}, tmp_path / "worker.log")
    yield workers
    workers.end()


@dataclass
class Client:
    """Hands in paintings and looks at them."""

    ledger: Ledger
    make: Callable[[], Job]

    def submit(self) -> str:
        return Submitter(self.ledger, 9).submit(self.make()).id

    def state(self, id: str) -> State:
        return self.ledger.get(id).state

    def wait_until_painting(self, id: str) -> None:
        """Until a step was told: it is in the midst of it."""

        def shown() -> bool:
            job = self.ledger.get(id)
            assert not job.state.over, "it was over before anything could happen to it"
            return job.progress.step > 0

        wait_for(shown)

    def wait_until_over(self, id: str) -> Job:
        wait_for(lambda: self.state(id).over)
        return self.ledger.get(id)


@pytest.fixture
def client(ledger: Ledger, art_job: Job, store: FolderStore) -> Client:
    def make() -> Job:
        job = Job(owner="ann", options={"painter": "light", "size": 128}, inputs={})
        inputs = {name: f"{job.folder}/{name}.jpg" for name in art_job.inputs}
        for name, key in inputs.items():
            store.write(key, store.read(art_job.inputs[name]))
        return replace(job, inputs=inputs)

    return Client(ledger, make)


def painter_of(parent: psutil.Popen) -> psutil.Process:
    """The child that paints."""
    return next(
        child for child in parent.children() if any("--billiard-fork" in w for w in child.cmdline())
    )


def loads_torch(process: psutil.Process) -> bool:
    return any("libtorch" in mapped.path for mapped in process.memory_maps())


def assert_painted_once(job: Job, events: EventLog, store: FolderStore) -> None:
    assert job.state is State.SUCCEEDED and job.result
    endings = [event for event in events.read(job.id) if State(event.data["state"]).over]
    assert len(endings) == 1
    assert [str(path.relative_to(store.root)) for path in store.root.rglob("painting.png")] == [
        job.result["key"]
    ]


def test_work_is_done_cancelled_and_removed(
    workers: Workers, client: Client, ledger: Ledger, store: FolderStore, events: EventLog,
    redis: Store,
) -> None:  # fmt: skip
    parent = workers.start()

    # A painting, from message to result.
    first = client.submit()
    job = client.wait_until_over(first)
    assert_painted_once(job, events, store)
    assert not loads_torch(psutil.Process(parent.pid)) and loads_torch(painter_of(parent))
    wait_for(lambda: redis.hlen(BROKER_PREFIX + "unacked") == 0, 10)

    # Cancelled: at once for those who look, and the worker is free within two seconds.
    second, third = client.submit(), client.submit()
    client.wait_until_painting(second)
    ledger.cancel(second)
    asked = time.monotonic()
    assert client.state(second) is State.CANCELLED
    wait_for(lambda: client.state(third) is State.RUNNING)
    assert time.monotonic() - asked < 2.0
    preview = ledger.get(second).preview
    assert preview and store.exists(preview["key"])

    # Removed while it is painted: nothing of it stays.
    client.wait_until_painting(third)
    ledger.delete(third)
    store.delete_prefix(f"jobs/{third}")
    fourth = client.submit()
    assert client.wait_until_over(fourth).state is State.SUCCEEDED
    assert not (store.root / "jobs" / third).exists()
    assert client.state(second) is State.CANCELLED


def test_a_killed_painter_costs_an_attempt_and_no_painting(
    workers: Workers, client: Client, events: EventLog, store: FolderStore
) -> None:
    parent = workers.start()
    id = client.submit()
    client.wait_until_painting(id)
    painter_of(parent).kill()
    killed = time.monotonic()
    wait_for(lambda: client.ledger.get(id).attempt == 2)
    assert time.monotonic() - killed < 40
    job = client.wait_until_over(id)
    assert job.attempt == 2
    assert_painted_once(job, events, store)


def test_a_killed_worker_costs_no_painting(
    workers: Workers, client: Client, events: EventLog, store: FolderStore
) -> None:
    parent = workers.start()
    id = client.submit()
    client.wait_until_painting(id)
    for process in (*descendants(parent), parent):
        process.kill()
    parent.wait()
    workers.start()
    killed = time.monotonic()
    wait_for(lambda: client.ledger.get(id).attempt == 2)
    assert time.monotonic() - killed < 40
    assert_painted_once(client.wait_until_over(id), events, store)


def test_a_worker_that_is_told_to_end_gives_its_work_back(
    workers: Workers, client: Client, ledger: Ledger, events: EventLog, store: FolderStore
) -> None:
    parent = workers.start()
    id = client.submit()
    client.wait_until_painting(id)
    parent.terminate()
    told = time.monotonic()
    wait_for(lambda: client.state(id) is State.QUEUED, 10)
    assert ledger.get(id).attempt == 0
    parent.wait(10)
    assert time.monotonic() - told < 10
    workers.start()
    job = client.wait_until_over(id)
    assert job.attempt == 1
    assert_painted_once(job, events, store)
