"""Token buckets on a real server."""

import threading

import pytest

from workers.limits import Bucket, Limits
from workers.store import Store


@pytest.fixture
def limits(redis: Store) -> Limits:
    return Limits.at(redis)


def age(redis: Store, name: str, seconds: float) -> None:
    """As if the bucket had last been touched so long ago."""
    at = float(redis.hget(f"merian:limit:{name}", "at") or 0)
    redis.hset(f"merian:limit:{name}", "at", f"{at - seconds:.6f}")


def test_a_bucket_is_used_up_and_fills_again(limits: Limits, redis: Store) -> None:
    bucket = Bucket("ann", 3, 60)
    assert [limits.take([bucket]).left for _ in range(3)] == [2, 1, 0]
    refused = limits.take([bucket])
    assert not refused.allowed
    assert refused.wait == pytest.approx(20, abs=1)
    assert refused.full_in == pytest.approx(60, abs=1)
    age(redis, "ann", 20)
    assert limits.take([bucket]).allowed
    assert not limits.take([bucket]).allowed
    age(redis, "ann", 10_000)
    assert [limits.take([bucket]).allowed for _ in range(4)] == [True, True, True, False]


def test_one_empty_bucket_of_several_takes_from_none(limits: Limits) -> None:
    small, large = Bucket("small", 1, 60), Bucket("large", 5, 60)
    assert limits.take([large, small]).bucket == small
    assert not limits.take([large, small]).allowed
    assert limits.take([large]).left == 3


def test_a_clock_that_goes_back_takes_nothing(limits: Limits, redis: Store) -> None:
    bucket = Bucket("ann", 2, 60)
    limits.take([bucket])
    age(redis, "ann", -3600)
    assert limits.take([bucket]).allowed
    refused = limits.take([bucket])
    assert 0 < refused.wait <= 30


def test_it_goes_when_it_is_full_again(limits: Limits, redis: Store) -> None:
    limits.take([Bucket("ann", 2, 60)])
    assert 50 < redis.ttl("merian:limit:ann") <= 61  # type: ignore[operator]


def test_many_at_once_get_no_more_than_there_is(limits: Limits) -> None:
    bucket, allowed = Bucket("ann", 10, 3600), []

    def ask() -> None:
        allowed.extend(limits.take([bucket]).allowed for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(allowed), sum(allowed)) == (80, 10)
