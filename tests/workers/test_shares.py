"""Links to jobs: found by their token, gone with what they show."""

import pytest

from workers.jobs import Job, Share
from workers.ledger import JobNotFound, Ledger
from workers.shares import digest_of, share, shared_job, unshare
from workers.snapshot import restore_snapshot, snapshot
from workers.store import Store


@pytest.fixture
def job(ledger: Ledger) -> Job:
    return ledger.create(Job("ann", {}, {}), 100)


def test_a_link_leads_to_its_job(ledger: Ledger, job: Job) -> None:
    token = share(ledger, job.id, photographs=True)
    found = shared_job(ledger, token)
    assert (found.id, found.share) == (job.id, Share(digest_of(token), True))
    assert found.version > job.version  # who asks whether it has changed hears of it


def test_the_store_holds_no_token(ledger: Ledger, job: Job, redis: Store) -> None:
    token = share(ledger, job.id, photographs=False)
    assert len({share(ledger, job.id, photographs=False) for _ in range(9)} | {token}) == 10
    token = share(ledger, job.id, photographs=False)
    held = [redis.get(key) for key in redis.scan_iter("merian:share:*")]
    assert held == [job.id]
    assert not any(token in key for key in redis.scan_iter())
    assert token not in str(redis.hgetall(f"merian:job:{job.id}"))


def test_there_is_one_link_and_it_ends(ledger: Ledger, job: Job, redis: Store) -> None:
    first = share(ledger, job.id, photographs=True)
    second = share(ledger, job.id, photographs=False)
    assert shared_job(ledger, second).share == Share(digest_of(second), False)
    for _ in range(2):
        unshare(ledger, job.id)
    for token in (first, second):
        with pytest.raises(JobNotFound):
            shared_job(ledger, token)
    assert ledger.get(job.id).share is None
    assert list(redis.scan_iter("merian:share:*")) == []


def test_a_removed_job_takes_its_link_along(ledger: Ledger, job: Job, redis: Store) -> None:
    token = share(ledger, job.id, photographs=True)
    assert ledger.delete(job.id)
    with pytest.raises(JobNotFound):
        shared_job(ledger, token)
    assert list(redis.scan_iter("merian:share:*")) == []


def test_a_job_that_is_gone_gets_no_link(ledger: Ledger, redis: Store) -> None:
    with pytest.raises(JobNotFound):
        share(ledger, "0" * 32, photographs=True)
    unshare(ledger, "0" * 32)
    assert list(redis.scan_iter()) == []


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 42 + "*", "A" * 44, "../" * 15])
def test_what_is_no_link(ledger: Ledger, job: Job, token: str) -> None:
    share(ledger, job.id, photographs=True)
    with pytest.raises(JobNotFound):
        shared_job(ledger, token)


def test_a_backup_keeps_links(ledger: Ledger, job: Job, redis: Store, valkey_url: str) -> None:
    token = share(ledger, job.id, photographs=True)
    lines = list(snapshot(valkey_url))
    redis.flushdb()
    restore_snapshot(valkey_url, lines)
    assert shared_job(ledger, token).id == job.id
