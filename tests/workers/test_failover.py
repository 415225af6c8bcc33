"""Through sentinels: who is master now, and what a failover may not undo."""

import signal
import time
from collections.abc import Iterator

import pytest
from kombu import Connection

from tests.sentinels import Sentinels, sentinels
from workers.address import Address
from workers.attempts import LeaseLost
from workers.jobs import Job, State
from workers.keys import InvalidKey, Keys
from workers.ledger import Ledger
from workers.store import NotCopied, Store, StoreDown, connect


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sentinels]:
    with sentinels(tmp_path_factory.mktemp("sentinels")) as made:
        yield made


@pytest.fixture
def client(watched: Sentinels) -> Iterator[Store]:
    client = connect(watched.url)
    yield client
    client.close()


def job(**about: str) -> Job:
    return Job(owner="ann", options={}, inputs={}, **about)  # type: ignore[arg-type]


def paint(ledger: Ledger) -> Job:
    made = ledger.create(job(), 9)
    attempt = ledger.take(made.id, "worker")
    assert attempt is not None
    attempt.succeed({"key": "k"})
    return ledger.get(made.id)


def waits(client: Store) -> int:
    """How often the master was asked whether its replicas follow."""
    return int(client.info("commandstats").get("cmdstat_wait", {}).get("calls", 0))


def test_making_taking_and_ending_a_job_wait_for_a_copy(client: Store) -> None:
    ledger = Ledger(client)
    paint(ledger)  # the server hears of the scripts
    before = waits(client)
    assert paint(ledger).state is State.SUCCEEDED
    assert waits(client) - before == 3


def test_what_no_replica_has_is_not_promised(watched: Sentinels, client: Store) -> None:
    ledger, keys = Ledger(client), Keys.at(client)
    waiting, wanted = ledger.create(job(), 9), job()
    _, text = keys.new("of a phone", ["read"])
    replicas = [each for each in watched.servers if each is not watched.master]
    for each in replicas:
        each.send(signal.SIGSTOP)
    try:
        for _ in range(2):  # asked again with the same id, it waits again
            with pytest.raises(NotCopied):
                ledger.create(wanted, 9)
        with pytest.raises(NotCopied):
            ledger.take(waiting.id, "worker")
        assert (ledger.get(waiting.id).state, ledger.get(waiting.id).attempt) == ("queued", 0)
        with pytest.raises(NotCopied):
            keys.remove(keys.all()[0].id)
        with pytest.raises(InvalidKey):
            keys.check(text)
    finally:
        for each in replicas:
            each.send(signal.SIGCONT)
    watched.wait_for_copies(2)
    assert ledger.create(wanted, 9).id == wanted.id
    assert ledger.take(waiting.id, "worker") is not None


def test_a_client_finds_the_new_master_and_its_scripts(watched: Sentinels, client: Store) -> None:
    ledger, old = Ledger(client), watched.master
    made = ledger.create(job(), 9)
    attempt = ledger.take(made.id, "worker")
    assert attempt is not None
    broker = Address.parse(watched.url)
    with Connection(broker.broker_url, transport_options=broker.broker_options) as kombu:
        queue = kombu.SimpleQueue("letters")
        queue.put("before")
        old.send(signal.SIGKILL)
        with pytest.raises(StoreDown):
            ledger.get(made.id)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                assert ledger.get(made.id).state is State.RUNNING
                break
            except StoreDown:
                time.sleep(0.1)
        assert watched.master is not old
        watched.wait_for_copies(1)
        attempt.succeed({"key": "k"})
        assert ledger.get(made.id).state is State.SUCCEEDED
        assert ledger.take(made.id, "another") is None
        with pytest.raises(LeaseLost):
            attempt.renew()
    with Connection(broker.broker_url, transport_options=broker.broker_options) as kombu:
        queue = kombu.SimpleQueue("letters")
        queue.put("after")
        assert {queue.get(timeout=5).payload for _ in range(2)} == {"before", "after"}
