"""Records of every format are read; each step is a pure function that makes one number the next."""

import json

import pytest

from workers import formats
from workers.formats import FORMAT, STEPS, format_of, up_to_date
from workers.jobs import Job
from workers.ledger import Ledger
from workers.store import Store

FIRST = {
    "id": "0" * 32, "owner": "ann", "kind": "art", "queue": "slow", "work": "light 512 art",
    "options": '{"painter": "light", "size": 512}', "inputs": '{"content": "jobs/0/content.jpg"}',
    "progress": '{"step": 3, "steps": 9, "fraction": 0.3, "message": "Painting", "losses": {}}',
    "attempt": "1", "version": "4", "error": "null", "result": "null", "preview": "null",
    "state": "running", "created_at": "5.0", "started_at": "6.5", "fence": "1", "holder": "x",
}  # fmt: skip
"""As the first version that painted wrote it."""


def test_there_is_a_step_from_every_number() -> None:
    assert sorted(STEPS) == list(range(1, FORMAT))


def test_a_record_of_the_first_format_is_read() -> None:
    job = Job.read(FIRST)
    assert (job.format, job.forecast, job.request) == (FORMAT, {}, "")
    assert job.options == {"painter": "light", "size": 512}
    assert job.progress.step == 3 and job.started_at == 6.5


def test_a_step_loses_nothing_and_changes_nothing_in_place() -> None:
    before = dict(FIRST)
    after = up_to_date(FIRST)
    assert before == FIRST
    assert {name: after[name] for name in FIRST} == FIRST
    told = FIRST | {"forecast": '{"width": 5}', "request": "r"}
    assert up_to_date(told) == told | {"format": str(FORMAT)}


def test_steps_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "FORMAT", FORMAT + 2)
    walked = []
    for number in (FORMAT, FORMAT + 1):
        monkeypatch.setitem(
            STEPS, number, lambda r, n=number: walked.append(n) or r | {f"n{n}": ""}
        )
    record = up_to_date(FIRST)
    assert walked == [FORMAT, FORMAT + 1]
    assert format_of(record) == FORMAT + 2 and f"n{FORMAT}" in record
    assert up_to_date(record) == record


def test_what_is_newer_is_left_as_it_is() -> None:
    newer = FIRST | {"format": str(FORMAT + 5), "request": "", "forecast": "{}", "extra": "x"}
    assert up_to_date(newer) == newer
    assert Job.read(newer).format == FORMAT + 5


def test_every_new_record_says_its_format(ledger: Ledger, redis: Store) -> None:
    job = ledger.create(Job(owner="ann", options={}, inputs={}), 9)
    record = redis.hgetall(f"merian:job:{job.id}")
    assert format_of(record) == job.format == FORMAT
    assert json.loads(record["forecast"]) == {}
