"""What must hold of the ledger, whatever happens in whatever order."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from workers.attempts import Attempt, Cancelled, LeaseLost
from workers.events import EventLog
from workers.jobs import Failure, Job, Progress, State
from workers.ledger import JobNotFound, Ledger
from workers.store import Store

MOST_ATTEMPTS = 3
WRITES = ["progress", "go on", "succeed", "fail", "give back"]


def machine_on(redis: Store) -> type[RuleBasedStateMachine]:
    class Life(RuleBasedStateMachine):
        """Clients, workers and a janitor, none of whom knows what the others do."""

        jobs = Bundle("jobs")
        attempts = Bundle("attempts")

        def __init__(self) -> None:
            super().__init__()
            redis.flushdb()
            self.ledger = Ledger(redis, max_attempts=MOST_ATTEMPTS)
            self.holds: dict[str, int] = {}  # the one attempt of each job that may write
            self.over: dict[str, Job] = {}  # jobs that ended, as they were when they did
            self.known: set[str] = set()
            self.takers = 0

        @rule(target=jobs)
        def create(self) -> str:
            job = self.ledger.create(Job(owner="ann", options={}, inputs={}), limit=1000)
            self.known.add(job.id)
            return job.id

        @rule(target=attempts, id=jobs)
        def take(self, id: str) -> object:
            waiting = id in self.known and self.ledger.get(id).state is State.QUEUED
            self.takers += 1  # the same name twice would be the same taker asking again
            attempt = self.ledger.take(id, f"worker {self.takers}")
            assert bool(attempt) == waiting
            if attempt is None:
                return multiple()
            assert attempt.number > self.holds.get(id, 0) or id not in self.holds
            self.holds[id] = attempt.number
            return attempt

        @rule(attempt=attempts, write=st.sampled_from(WRITES))
        def write(self, attempt: Attempt, write: str) -> None:
            id = attempt.job.id
            before = self.read(id)
            allowed = (
                before is not None
                and before.state is State.RUNNING
                and self.holds.get(id) == attempt.number
            )
            try:
                if write == "progress":
                    attempt.progress(Progress(1, 2, 0.5))
                elif write == "go on":
                    attempt.go_on(Progress(1, 2, 0.5), 9.0)
                elif write == "succeed":
                    attempt.succeed({"by": attempt.number})
                elif write == "fail":
                    attempt.fail(Failure("x", "X."))
                else:
                    attempt.release()
                repeated = before is not None and before.state.over and before == self.read(id)
                assert allowed or repeated
            except (LeaseLost, Cancelled):
                assert not allowed
                assert self.read(id) == before
            self.note(id)

        @rule(id=jobs)
        def cancel(self, id: str) -> None:
            try:
                job = self.ledger.cancel(id)
                assert job.state.over and id in self.known
            except JobNotFound:
                assert id not in self.known
            self.note(id)

        @rule(id=jobs)
        def delete(self, id: str) -> None:
            assert self.ledger.delete(id) == (id in self.known)
            self.known.discard(id)
            self.over.pop(id, None)

        @rule()
        def lose_workers(self) -> None:
            for held in self.ledger.held():
                attempt = self.ledger.get(held.id).attempt
                state = self.ledger.reclaim(held, anyway=True)
                assert state is (State.FAILED if attempt >= MOST_ATTEMPTS else State.QUEUED)
                self.note(held.id)

        def read(self, id: str) -> Job | None:
            try:
                return self.ledger.get(id)
            except JobNotFound:
                return None

        def note(self, id: str) -> None:
            job = self.read(id)
            if job and job.state.over:
                self.over.setdefault(id, job)

        @invariant()
        def what_is_over_never_changes(self) -> None:
            for id, job in self.over.items():
                assert self.ledger.get(id) == job

        @invariant()
        def every_job_is_in_one_place(self) -> None:
            waiting = set(redis.zrange("merian:queue:slow", 0, -1))
            running = set(redis.zrange("merian:running", 0, -1))
            ended = set(redis.zrange("merian:finished", 0, -1))
            states = {id: self.ledger.get(id).state for id in self.known}
            assert waiting == {id for id, state in states.items() if state is State.QUEUED}
            assert running == {id for id, state in states.items() if state is State.RUNNING}
            assert ended == {id for id, state in states.items() if state.over}
            assert {job.id for job in self.ledger.newest(1000)} == self.known
            assert set(redis.zrange("merian:waiting:ann", 0, -1)) == waiting

        @invariant()
        def each_ending_is_told_once(self) -> None:
            for id in self.over:
                told = [State(event.data["state"]).over for event in EventLog(redis).read(id)]
                assert told.count(True) == 1 and told[-1]

    return Life


@pytest.fixture
def life(redis: Store) -> Iterator[type[RuleBasedStateMachine]]:
    yield machine_on(redis)


def test_no_order_of_events_breaks_the_ledger(life: type[RuleBasedStateMachine]) -> None:
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
