"""How many jobs of one owner wait: counted exactly, whatever becomes of them."""

from collections.abc import Callable

import pytest

from workers.jobs import Job, State
from workers.ledger import Held, Ledger, OwnerFull, QueueFull
from workers.store import Store


@pytest.fixture
def make(ledger: Ledger) -> Callable[..., Job]:
    def make(owner: str = "ann", most: int = 2, queue: str = "slow", limit: int = 100) -> Job:
        return ledger.create(Job(owner, {}, {}, queue=queue), limit, owner_limit=most)

    return make


def test_an_owner_may_have_so_many_waiting(ledger: Ledger, make: Callable[..., Job]) -> None:
    make()
    make(queue="quick")
    with pytest.raises(OwnerFull):
        make()
    with pytest.raises(OwnerFull):
        make(queue="training")
    assert make("bob").state is State.QUEUED
    assert (ledger.waiting_of("ann"), ledger.waiting_of("bob")) == (2, 1)
    assert len(ledger.newest(10)) == 3


def test_a_full_queue_is_full_for_all(make: Callable[..., Job]) -> None:
    make(limit=1)
    with pytest.raises(QueueFull) as full:
        make("bob", limit=1)
    assert not isinstance(full.value, OwnerFull)


def test_whatever_leaves_the_queue_makes_room_once(
    ledger: Ledger, make: Callable[..., Job]
) -> None:
    job = make(most=1)
    attempt = ledger.take(job.id, "a")
    assert attempt and ledger.waiting_of("ann") == 0
    second = make(most=1)
    held = Held(job.id, str(attempt.number), "a", False)
    assert ledger.reclaim(held, anyway=True) is State.QUEUED  # over the limit, and never lost
    assert ledger.waiting_of("ann") == 2
    again = ledger.take(job.id, "b")
    assert again
    again.release()
    assert ledger.waiting_of("ann") == 2
    ledger.cancel(job.id)
    assert ledger.waiting_of("ann") == 1
    ledger.cancel(job.id)
    ledger.delete(job.id)
    assert ledger.waiting_of("ann") == 1
    ledger.delete(second.id)
    assert ledger.waiting_of("ann") == 0
    last = ledger.take(make(most=1).id, "c")
    assert last
    last.succeed({})
    assert ledger.waiting_of("ann") == 0


def test_a_list_that_went_wrong_refuses_nobody(
    ledger: Ledger, make: Callable[..., Job], redis: Store
) -> None:
    redis.zadd("merian:waiting:ann", {"0" * 32: 1.0, "1" * 32: 2.0})
    assert make().state is State.QUEUED
    assert ledger.waiting_of("ann") == 1


def test_a_repeated_request_is_answered_even_where_no_more_are_taken(ledger: Ledger) -> None:
    job = Job("ann", {}, {})
    made = ledger.create(job, 1, ("key", "print"), owner_limit=1)
    again = ledger.create(Job("ann", {}, {}), 1, ("key", "print"), owner_limit=1)
    assert again.id == made.id
