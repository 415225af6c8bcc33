"""The state of a job's work: which attempt goes on from which, and what nobody may go on from."""

import pytest
import torch

from models.checkpoints import Checkpoint, State
from workers.artifacts import FolderStore
from workers.attempts import Attempt, Cancelled, LeaseLost
from workers.checkpoints import NOTED, Kept, StoredCheckpoints, forget_if_over, kept
from workers.jobs import Job, Progress
from workers.ledger import Ledger
from workers.store import Store

STATE: State = {"x": torch.arange(9.0), "step": 3}


def saved(fraction: float = 0.5, key: str = "key") -> Checkpoint:
    return Checkpoint(key, fraction, 100 * fraction, STATE)


def taken(ledger: Ledger, id: str) -> Attempt:
    attempt = ledger.take(id, "a worker")
    assert attempt
    return attempt


def die(ledger: Ledger) -> None:
    [held] = ledger.held()
    ledger.reclaim(held, anyway=True)


@pytest.fixture
def job(ledger: Ledger) -> Job:
    return ledger.create(Job(owner="ann", options={}, inputs={}), 9)


def test_the_next_attempt_goes_on_where_the_last_was(
    ledger: Ledger, store: FolderStore, job: Job
) -> None:
    first = StoredCheckpoints(taken(ledger, job.id), store)
    assert first.load("key") is None
    first.save(saved(0.25))
    first.save(saved(0.75))
    assert first.account()["checkpoints"] == 2 and first.before == 0.0
    die(ledger)
    second = StoredCheckpoints(taken(ledger, job.id), store)
    found = second.load("key")
    assert found and found.fraction == 0.75 and torch.equal(found.state["x"], STATE["x"])
    assert second.before == 75.0
    told = ledger.get(job.id)
    assert told.progress == Progress(fraction=0.75, message="Going on")
    assert told.attempt == 2


def test_each_attempt_has_a_file_and_removes_those_before_it(
    ledger: Ledger, store: FolderStore, job: Job
) -> None:
    stale = StoredCheckpoints(taken(ledger, job.id), store)
    stale.save(saved(0.25))
    die(ledger)
    fresh = StoredCheckpoints(taken(ledger, job.id), store)
    fresh.save(saved(0.5))
    assert kept(store, job.id) == [Kept(2, 2, f"jobs/{job.id}/checkpoints/2-2.pt")]
    stale.save(saved(0.3))  # in the second before its heartbeat is told
    assert [each.fence for each in kept(store, job.id)] == [2, 1]
    die(ledger)
    found = StoredCheckpoints(taken(ledger, job.id), store).load("key")
    assert found and found.fraction == 0.5


@pytest.mark.parametrize("refused", [LeaseLost("x"), Cancelled("x")])
def test_one_that_may_not_go_on_saves_nothing(
    ledger: Ledger, store: FolderStore, job: Job, refused: LeaseLost | Cancelled
) -> None:
    attempt = taken(ledger, job.id)
    attempt.refused = refused
    with pytest.raises(type(refused)):
        StoredCheckpoints(attempt, store).save(saved())
    assert kept(store, job.id) == []


def test_the_newest_that_can_be_read_and_belongs_here_is_gone_on_from(
    ledger: Ledger, store: FolderStore, job: Job
) -> None:
    attempt = taken(ledger, job.id)
    for fence, checkpoint in ((7, saved(0.7)), (8, saved(0.8, "another")), (9, saved(0.9))):
        attempt.number = fence
        writer = StoredCheckpoints(attempt, store)
        writer.save(checkpoint)
        path = store.path(f"jobs/{job.id}/checkpoints/{fence}-1.pt")
        path.rename(path.with_suffix(".aside"))
    folder = store.root / f"jobs/{job.id}/checkpoints"
    for path in folder.glob("*.aside"):
        path.rename(path.with_suffix(".pt"))
    newest = folder / "9-1.pt"
    newest.write_bytes(newest.read_bytes()[:-9])  # damaged
    attempt.number = 1
    found = StoredCheckpoints(attempt, store).load("key")
    assert found and found.fraction == 0.7
    assert StoredCheckpoints(attempt, store).load("nobody's") is None


def test_what_ended_a_worker_that_went_on_from_it_is_not_tried_again(
    ledger: Ledger, store: FolderStore, job: Job
) -> None:
    first = StoredCheckpoints(taken(ledger, job.id), store)
    first.save(saved(0.5))
    die(ledger)
    assert StoredCheckpoints(taken(ledger, job.id), store).load("key")
    die(ledger)  # before it saved anything
    last = taken(ledger, job.id)
    assert last.job.attempt == ledger.max_attempts
    assert StoredCheckpoints(last, store).load("key") is None
    assert ledger.get(job.id).progress.fraction == 0.0


def test_one_that_got_on_is_gone_on_from_by_the_last_attempt_too(
    ledger: Ledger, store: FolderStore, job: Job
) -> None:
    StoredCheckpoints(taken(ledger, job.id), store).save(saved(0.25))
    die(ledger)
    second = StoredCheckpoints(taken(ledger, job.id), store)
    second.load("key")
    second.save(saved(0.5))
    die(ledger)
    found = StoredCheckpoints(taken(ledger, job.id), store).load("key")
    assert found and found.fraction == 0.5


def test_given_back_it_is_no_suspect(ledger: Ledger, store: FolderStore, job: Job) -> None:
    StoredCheckpoints(taken(ledger, job.id), store).save(saved(0.5))
    die(ledger)
    for _ in range(3):  # workers that were told to end
        attempt = taken(ledger, job.id)
        assert StoredCheckpoints(attempt, store).load("key")
        attempt.release()


def test_over_it_leaves_none(ledger: Ledger, store: FolderStore, redis: Store, job: Job) -> None:
    attempt = taken(ledger, job.id)
    StoredCheckpoints(attempt, store).save(saved())
    forget_if_over(ledger, store, job.id)
    assert kept(store, job.id) and redis.smembers(NOTED) == {job.id}
    attempt.succeed({})
    forget_if_over(ledger, store, job.id)
    assert not (store.root / f"jobs/{job.id}/checkpoints").exists()
    assert not redis.exists(NOTED)
