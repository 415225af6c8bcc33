"""Workers tell that they are there, are asked to leave, and are forgotten."""

import json
import os
import signal
import threading
import time
from dataclasses import replace

import pytest

from workers import janitor as janitors
from workers.canaries import came_through
from workers.census import take_census
from workers.fleet import (
    CAN,
    DRAIN,
    FORGOTTEN_SECONDS,
    FRESH_SECONDS,
    MEMBERS,
    Member,
    announce,
    ask_to_leave,
    members,
    sign_off,
)
from workers.formats import FORMAT
from workers.holders import Holder
from workers.janitor import Janitor
from workers.jobs import Job, State
from workers.ledger import Ledger
from workers.snapshot import snapshot
from workers.store import Store
from workers.workshop import Workshop


def silent_for(redis: Store, member: Member, seconds: float) -> None:
    moment, _, about = str(redis.hget(MEMBERS, member.name)).partition(" ")
    redis.hset(MEMBERS, member.name, f"{float(moment) - seconds:.6f} {about}")


def test_who_tells_is_there_until_it_is_silent(
    ledger: Ledger, redis: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CAN, "cuda 80000000000")
    one, other = Member.here(["gpu.slow", "slow"]), Member.here(["quick"])
    assert one.name != Member.here(["gpu.slow", "slow"]).name
    assert (one.device, one.memory_bytes, one.format) == ("cuda", 80_000_000_000, FORMAT)
    for each in (one, other):
        assert announce(ledger, each) is None
    assert sorted(members(ledger), key=lambda each: each.queues) == [one, other]
    silent_for(redis, one, FRESH_SECONDS + 1)
    assert members(ledger) == [other]
    assert announce(ledger, one) is None and len(members(ledger)) == 2
    silent_for(redis, one, FORGOTTEN_SECONDS + 1)
    sign_off(ledger, other)
    assert members(ledger) == [] and redis.hlen(MEMBERS) == 0


def test_what_newer_workers_tell_beside_is_no_matter(ledger: Ledger, redis: Store) -> None:
    announce(ledger, member := Member.here(["quick"]))
    moment, _, about = str(redis.hget(MEMBERS, member.name)).partition(" ")
    newer = json.loads(about) | {"format": FORMAT + 1, "mood": "fine"}
    redis.hset(MEMBERS, member.name, f"{moment} {json.dumps(newer)}")
    assert members(ledger) == [replace(member, format=FORMAT + 1)]


def test_who_is_asked_to_leave_hears_of_it_and_others_do_not(ledger: Ledger, redis: Store) -> None:
    one, other = Member.here(["quick"]), Member.here(["quick"])
    ask_to_leave(ledger, [one], 12)
    assert (announce(ledger, one), announce(ledger, other)) == (12.0, None)
    sign_off(ledger, one)
    assert announce(ledger, one) is None


def test_no_backup_has_who_was_there(ledger: Ledger, valkey_url: str) -> None:
    announce(ledger, member := Member.here(["quick"]))
    ask_to_leave(ledger, [member], 5)
    ledger.create(Job(owner="ann", options={}, inputs={}), 9)
    kept = {json.loads(line)["key"] for line in snapshot(valkey_url)}
    assert kept and not kept & {MEMBERS, DRAIN}


def test_a_queue_whose_workers_all_leave_is_not_consumed(ledger: Ledger, redis: Store) -> None:
    came_through(redis, "slow")
    assert take_census(ledger).consumed["slow"]  # by one that tells nothing of itself
    going, old = replace(Member.here(["slow"]), going=True), Member.here(["slow"])
    announce(ledger, going)
    announce(ledger, replace(old, format=FORMAT - 1))
    assert not take_census(ledger).consumed["slow"]
    announce(ledger, old)
    assert take_census(ledger).consumed["slow"]


def test_running_jobs_are_told_by_queue(ledger: Ledger) -> None:
    for queue in ("quick", "slow", "slow"):
        job = ledger.create(Job(owner="ann", options={}, inputs={}, queue=queue), 9)
        ledger.take(job.id, "a")
    ledger.create(Job(owner="ann", options={}, inputs={}, queue="slow"), 9)
    census = take_census(ledger)
    assert [(each.waiting, each.running) for each in census.queues] == [(0, 1), (1, 2), (0, 0)]
    assert census.running == 3


@pytest.fixture
def leaving(
    shop: Workshop, art_job: Job, monkeypatch: pytest.MonkeyPatch
) -> tuple[Janitor, list[int]]:
    """A janitor whose worker has a job, and the signals that it sends to its own process."""
    sent: list[int] = []
    kill = os.kill

    def hear(process: int, how: int) -> None:
        if how == signal.SIGTERM:
            sent.append(how)
        else:
            kill(process, how)

    monkeypatch.setattr(os, "kill", hear)
    monkeypatch.setattr(janitors, "PASS_SECONDS", 0.05)
    shop.ledger.create(art_job, 9)
    here = Holder.here()
    shop.ledger.take(art_job.id, str(here._replace(parent=here.process)))
    return Janitor(shop, Member.here(["slow"])), sent


def wait_for(what: object) -> None:
    deadline = time.monotonic() + 10
    while not what():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_what_is_held_goes_back_when_the_grace_is_over(
    leaving: tuple[Janitor, list[int]], ledger: Ledger, art_job: Job
) -> None:
    janitor, _ = leaving
    janitor.grace = 3.0
    janitor.start()
    began = time.monotonic()
    janitor.leave()
    time.sleep(2.0)
    janitor.leave()  # no new beginning
    wait_for(lambda: [each.going for each in members(ledger)] == [True])
    assert ledger.get(art_job.id).state is State.RUNNING
    wait_for(lambda: ledger.get(art_job.id).state is State.QUEUED)
    assert 3.0 <= time.monotonic() - began < 5.0
    assert ledger.get(art_job.id).attempt == 0
    assert janitor.thread.is_alive() and members(ledger)  # the worker is still to end
    janitor.end()
    janitor.thread.join(5)
    assert members(ledger) == []


def test_who_ends_within_the_grace_gives_nothing_back(
    leaving: tuple[Janitor, list[int]], ledger: Ledger, art_job: Job
) -> None:
    janitor, _ = leaving
    janitor.grace = 60
    janitor.start()
    janitor.leave()
    attempt_over = threading.Timer(0.2, lambda: ledger.cancel(art_job.id))
    attempt_over.start()
    wait_for(lambda: ledger.get(art_job.id).state is State.CANCELLED)
    janitor.end()
    janitor.thread.join(5)
    assert not janitor.thread.is_alive() and members(ledger) == []


def test_asked_to_leave_it_ends_as_by_a_signal_and_the_last_word_on_grace_counts(
    leaving: tuple[Janitor, list[int]], ledger: Ledger, art_job: Job
) -> None:
    janitor, sent = leaving
    janitor.start()
    wait_for(lambda: members(ledger))
    ask_to_leave(ledger, members(ledger), 60)
    wait_for(lambda: sent)
    janitor.leave()  # as the handler of the signal does
    time.sleep(0.3)
    assert ledger.get(art_job.id).state is State.RUNNING
    ask_to_leave(ledger, members(ledger), 0)
    wait_for(lambda: ledger.get(art_job.id).state is State.QUEUED)
    janitor.end()
    janitor.thread.join(5)
    assert set(sent) == {signal.SIGTERM}
