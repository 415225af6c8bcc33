"""Every transition of the ledger, against a real Valkey."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from workers.attempts import Attempt, Cancelled, JobGone, LeaseLost
from workers.events import EventLog
from workers.jobs import Failure, Job, Progress, State
from workers.ledger import IdempotencyConflict, InvalidCursor, JobNotFound, Ledger, QueueFull
from workers.store import Store

RESULT = {"key": "jobs/x/1/painting.png", "width": 64, "height": 64}


def new_job(owner: str = "ann", **fields: object) -> Job:
    return Job(owner=owner, options={"painter": "light", "size": 64}, inputs={}, **fields)


def taken(ledger: Ledger, worker: str = "a") -> Attempt:
    attempt = ledger.take(ledger.create(new_job(), limit=9).id, worker)
    assert attempt
    return attempt


def test_a_new_job_waits_with_what_it_was_given(ledger: Ledger) -> None:
    given = new_job(queue="quick")
    made = ledger.create(given, limit=1)
    assert made == replace(given, created_at=made.created_at, version=1)
    assert abs(made.created_at - time.time()) < 5
    assert ledger.get(made.id) == made


def test_an_unknown_job_is_not_found(ledger: Ledger) -> None:
    for ask in (ledger.get, ledger.cancel):
        with pytest.raises(JobNotFound):
            ask("0" * 32)
    assert ledger.take("0" * 32, "a") is None
    assert not ledger.delete("0" * 32)


def test_a_full_queue_takes_no_more_and_keeps_nothing_of_it(ledger: Ledger, redis: Store) -> None:
    ledger.create(new_job(), limit=1)
    before = set(redis.keys())
    with pytest.raises(QueueFull):
        ledger.create(new_job(), limit=1)
    assert set(redis.keys()) == before
    ledger.create(new_job(queue="quick"), limit=1)  # the other queue has room


def test_the_same_idempotency_key_answers_the_same_job(ledger: Ledger) -> None:
    first = ledger.create(new_job(), 9, ("key", "print"))
    assert ledger.create(new_job(), 9, ("key", "print")).id == first.id
    assert ledger.create(new_job("bob"), 9, ("key", "print")).id != first.id
    with pytest.raises(IdempotencyConflict):
        ledger.create(new_job(), 9, ("key", "another print"))
    ledger.delete(first.id)
    assert ledger.create(new_job(), 9, ("key", "another print")).id != first.id


def test_one_worker_takes_a_job_and_no_other(ledger: Ledger) -> None:
    attempt = taken(ledger)
    job = ledger.get(attempt.job.id)
    assert (job.state, job.attempt, attempt.number) == (State.RUNNING, 1, 1)
    assert job.started_at and job.started_at >= job.created_at
    assert ledger.take(job.id, "b") is None


def test_a_worker_that_lost_the_answer_may_ask_again(ledger: Ledger) -> None:
    attempt = taken(ledger, "a")
    again = ledger.take(attempt.job.id, "a")
    assert again and again.number == attempt.number == again.job.attempt


def test_a_job_succeeds_once(ledger: Ledger, events: EventLog) -> None:
    attempt = taken(ledger)
    attempt.progress(Progress(3, 9, 0.25, "Painting", {"total": 0.5}), {"key": "p", "version": 1})
    attempt.succeed(RESULT)
    attempt.succeed(RESULT)  # as when the first answer was lost on its way
    job = ledger.get(attempt.job.id)
    assert (job.state, job.result) == (State.SUCCEEDED, RESULT)
    assert job.finished_at and job.finished_at >= (job.started_at or 0)
    assert job.progress == Progress(3, 9, 0.25, "Painting", {"total": 0.5})
    assert job.preview == {"key": "p", "version": 1}
    told = [(event.type, event.data["state"]) for event in events.read(job.id)]
    assert told == [
        ("state", "queued"), ("state", "running"), ("preview", "running"), ("state", "succeeded"),
    ]  # fmt: skip
    with pytest.raises(LeaseLost):
        attempt.fail(Failure("late", "Too late."))


def test_a_job_fails_with_a_reason(ledger: Ledger) -> None:
    attempt = taken(ledger)
    attempt.fail(Failure("out_of_memory", "Choose a smaller size."))
    job = ledger.get(attempt.job.id)
    assert job.state is State.FAILED
    assert job.error == Failure("out_of_memory", "Choose a smaller size.")


# What processes write of themselves, when it pleases them; of no job.
OF_PROCESSES = {"merian:counted", "merian:heard", "merian:streams"}
WRITES: dict[str, Callable[[Attempt], None]] = {
    "progress": lambda attempt: attempt.progress(Progress(9, 9, 1.0)),
    "renew": lambda attempt: attempt.renew(),
    "succeed": lambda attempt: attempt.succeed(RESULT),
    "fail": lambda attempt: attempt.fail(Failure("x", "X.")),
    "release": lambda attempt: attempt.release(),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_stale_attempt_writes_nothing(ledger: Ledger, write: Callable[[Attempt], None]) -> None:
    stale = taken(ledger, "a")
    [held] = ledger.held()
    ledger.reclaim(held, anyway=True)
    for expected in (State.QUEUED, State.RUNNING):
        if expected is State.RUNNING:
            assert ledger.take(stale.job.id, "b")
        before = ledger.get(stale.job.id)
        with pytest.raises(LeaseLost):
            write(stale)
        assert ledger.get(stale.job.id) == before
        assert before.state is expected


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_cancelled_or_removed_job_takes_no_write(
    ledger: Ledger, redis: Store, write: Callable[[Attempt], None]
) -> None:
    attempt = taken(ledger)
    assert ledger.cancel(attempt.job.id).state is State.CANCELLED
    before = ledger.get(attempt.job.id)
    with pytest.raises(Cancelled):
        write(attempt)
    assert ledger.get(attempt.job.id) == before
    ledger.delete(attempt.job.id)
    with pytest.raises(JobGone):
        write(attempt)
    assert set(redis.keys()) <= OF_PROCESSES


def test_cancelling_leaves_the_preview_and_what_is_over(ledger: Ledger) -> None:
    attempt = taken(ledger)
    attempt.progress(Progress(1, 2, 0.5), {"key": "p", "version": 1})
    cancelled = ledger.cancel(attempt.job.id)
    assert cancelled.preview == {"key": "p", "version": 1} and cancelled.finished_at
    assert ledger.cancel(attempt.job.id) == cancelled
    waiting = ledger.create(new_job(), 9)
    assert ledger.cancel(waiting.id).state is State.CANCELLED
    assert not any(ledger.counts().values())


def test_giving_back_does_not_count_as_an_attempt(ledger: Ledger) -> None:
    attempt = taken(ledger)
    attempt.release()
    assert ledger.get(attempt.job.id).attempt == 0
    again = ledger.take(attempt.job.id, "b")
    assert again and again.job.attempt == 1 and again.number == 2


def test_a_lease_that_was_renewed_is_not_reclaimed(ledger: Ledger) -> None:
    attempt = taken(ledger)
    [held] = ledger.held()
    attempt.renew()
    assert ledger.reclaim(held) is None
    [held] = ledger.held()
    assert ledger.reclaim(held) is State.QUEUED
    assert ledger.reclaim(held) is None
    assert ledger.position(ledger.get(attempt.job.id)) == 0


def test_after_three_lost_workers_the_job_fails(ledger: Ledger, events: EventLog) -> None:
    id = ledger.create(new_job(), 9).id
    for expected in (State.QUEUED, State.QUEUED, State.FAILED):
        assert ledger.take(id, expected)
        [held] = ledger.held()
        assert ledger.reclaim(held, anyway=True) is expected
    job = ledger.get(id)
    assert job.error and job.error.code == "worker_lost" and job.attempt == 3
    assert events.read(id)[-1].data["error"]["code"] == "worker_lost"
    assert ledger.take(id, "d") is None


def test_a_retaken_job_begins_anew(ledger: Ledger) -> None:
    attempt = taken(ledger)
    attempt.progress(Progress(5, 9, 0.6, "Painting", {"total": 1.0}))
    ledger.reclaim(ledger.held()[0], anyway=True)
    ledger.take(attempt.job.id, "b")
    assert ledger.get(attempt.job.id).progress == Progress()


def test_jobs_wait_in_their_order_and_return_to_their_place(ledger: Ledger) -> None:
    jobs = [ledger.create(new_job(), 9) for _ in range(3)]
    assert [ledger.position(job) for job in jobs] == [0, 1, 2]
    attempt = ledger.take(jobs[0].id, "a")
    assert attempt and ledger.position(jobs[1]) == 0
    assert ledger.position(attempt.job) is None
    attempt.release()
    assert [ledger.position(ledger.get(job.id)) for job in jobs] == [0, 1, 2]


def test_pages_show_each_of_the_owners_jobs_once_newest_first(ledger: Ledger) -> None:
    made = [ledger.create(new_job(), 99).id for _ in range(7)]
    ledger.create(new_job("bob"), 99)
    seen: list[str] = []
    cursor, removed = None, False
    while True:
        page, cursor = ledger.page("ann", 3, cursor)
        seen += [job.id for job in page]
        if cursor is None:
            break
        if not removed:  # the very job that the cursor points at
            ledger.delete(page[-1].id)
            removed = True
        ledger.create(new_job(), 99)  # what is new does not shift the pages
    assert seen == made[::-1]
    assert ledger.page("nobody", 3) == ([], None)


def test_a_page_that_ends_exactly_has_no_next(ledger: Ledger) -> None:
    for _ in range(3):
        ledger.create(new_job(), 9)
    assert ledger.page("ann", 3)[1] is None


def test_pages_of_wanted_jobs_are_full_and_go_on(ledger: Ledger) -> None:
    made = [ledger.create(new_job(), 99).id for _ in range(14)]
    for id in made[::2]:
        ledger.cancel(id)
    seen, cursor, sizes = [], None, []
    while True:
        page, cursor = ledger.page("ann", 3, cursor, lambda job: job.state is State.CANCELLED)
        seen += [job.id for job in page]
        sizes.append(len(page))
        if cursor is None:
            break
    assert seen == made[::2][::-1]
    assert sizes == [3, 3, 1]
    assert ledger.page("ann", 3, None, lambda job: job.state is State.FAILED) == ([], None)


@pytest.mark.parametrize("cursor", ["x", "0" * 50, "0" * 17 + "-" + "0" * 31, "+inf"])
def test_a_cursor_that_no_page_gave_is_refused(ledger: Ledger, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        ledger.page("ann", 3, cursor)


def test_newest_shows_every_owners_jobs(ledger: Ledger) -> None:
    made = [ledger.create(new_job(owner), 9).id for owner in ("ann", "bob", "cem")]
    assert [job.id for job in ledger.newest(2)] == made[:0:-1]


def test_removing_leaves_no_key(ledger: Ledger, redis: Store) -> None:
    attempt = taken(ledger)
    attempt.progress(Progress(1, 2, 0.5))
    assert ledger.delete(attempt.job.id)
    ended = taken(ledger)
    ended.fail(Failure("x", "X."))
    assert ledger.delete(ended.job.id)
    ledger.delete(ledger.create(new_job(), 9).id)
    assert set(redis.keys()) <= OF_PROCESSES


def test_eta_of_a_running_job_follows_its_progress(ledger: Ledger) -> None:
    attempt = taken(ledger)
    assert ledger.eta_seconds(attempt.job) is None
    time.sleep(0.4)
    attempt.progress(Progress(1, 5, 0.2))
    eta = ledger.eta_seconds(ledger.get(attempt.job.id))
    assert eta and 1.4 < eta < 3.0  # four times what it took so far
    attempt.succeed(RESULT)
    assert ledger.eta_seconds(ledger.get(attempt.job.id)) is None


def test_eta_of_a_waiting_job_counts_what_is_before_it(ledger: Ledger, redis: Store) -> None:
    assert ledger.eta_seconds(ledger.create(new_job(), 9)) is None
    redis.hset("merian:typical", new_job().work, "10")
    second = ledger.create(new_job(), 9)
    assert ledger.eta_seconds(second) == pytest.approx(20, abs=0.1)
    assert taken(ledger)
    third = ledger.create(new_job(), 9)
    assert ledger.eta_seconds(third) == pytest.approx(40, abs=1)


def test_typical_times_follow_what_work_takes(ledger: Ledger, redis: Store) -> None:
    redis.hset("merian:typical", new_job().work, "10")
    taken(ledger).succeed(RESULT)
    assert 6.9 < float(redis.hget("merian:typical", new_job().work) or 0) < 7.2


def test_what_is_gone_on_with_counts_as_time_that_it_took(ledger: Ledger, redis: Store) -> None:
    """Else a painting at three quarters, just begun again, would seem to be done in a moment."""
    attempt = taken(ledger)
    redis.hset("merian:typical", attempt.job.work, "50")
    attempt.go_on(Progress(fraction=0.75, message="Going on"), 45.0)
    job = ledger.get(attempt.job.id)
    assert job.progress == Progress(fraction=0.75, message="Going on")
    assert ledger.eta_seconds(job) == pytest.approx(15, abs=0.5)
    attempt.progress(Progress(80, 100, 0.9, "Painting"))
    assert ledger.eta_seconds(job) == pytest.approx(5, abs=0.5)
    ledger.reclaim(ledger.held()[0], anyway=True)
    again = ledger.take(job.id, "b")
    assert again and ledger.eta_seconds(again.job) == pytest.approx(50, abs=0.5)  # begun anew
    with pytest.raises(LeaseLost):
        attempt.go_on(Progress(), 1.0)
    again.go_on(Progress(fraction=0.75), 45.0)
    again.succeed(RESULT)
    usual = float(redis.hget("merian:typical", job.work) or 0)
    assert usual == pytest.approx(0.7 * 50 + 0.3 * 45, abs=0.3)


def test_a_job_without_message_is_found_once_its_time_is_up(ledger: Ledger, redis: Store) -> None:
    first, second = (ledger.create(new_job(), 9).id for _ in range(2))
    assert ledger.unpublished("slow", 15, "broker") == []
    time.sleep(0.15)
    redis.rpush("broker", "a message")  # one of the two has one still
    assert ledger.unpublished("slow", 0.1, "broker") == [first]
    assert ledger.unpublished("slow", 0.1, "broker") == [second]
    assert ledger.unpublished("slow", 0.1, "broker") == []


def test_what_ended_long_ago_is_found(ledger: Ledger) -> None:
    attempt = taken(ledger)
    assert ledger.finished_before(time.time() + 9) == []
    attempt.succeed(RESULT)
    assert ledger.finished_before(time.time() + 9) == [attempt.job.id]
    assert ledger.finished_before(time.time() - 9) == []


def test_a_turn_is_given_once(ledger: Ledger) -> None:
    assert ledger.my_turn("janitor", 1)
    assert not ledger.my_turn("janitor", 1)
    time.sleep(1.1)
    assert ledger.my_turn("janitor", 1)
    ledger.redis.expire("merian:turn:janitor", 3600)  # as when the server's clock went back
    assert ledger.my_turn("janitor", 1)


def test_those_that_wait_by_kind(ledger: Ledger) -> None:
    made = [
        ledger.create(new_job(kind=kind, queue="quick"), limit=99)
        for kind in ("species", "art", "species", "art", "species")
    ]
    namings = [job.id for job in made if job.kind == "species"]
    assert ledger.waiting("quick", "species", 9) == namings
    assert ledger.waiting("quick", "species", 2) == namings[:2]
    ledger.take(namings[0], "a")
    assert ledger.waiting("quick", "species", 9) == namings[1:]
    assert ledger.waiting("slow", "species", 9) == []
