"""What a job costs the store: commands, bytes, and neither more where many jobs are."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

from workers.events import EventLog
from workers.jobs import Job, Progress
from workers.ledger import Ledger
from workers.store import Store, connect
from workers.submit import Submitter

BYTES = 20_000
LOSSES = {"content": 1.71049, "style": 0.102284, "smoothness": 0.0587101, "total": 0.276259}


def painting(owner: str = "ann") -> Job:
    """As large as the record of a painting is."""
    options = {f"option-{number}": 0.123456 for number in range(20)}
    inputs = {name: f"jobs/{'0' * 32}/{name}.jpg" for name in ("content", "style-0")}
    return Job(owner=owner, options=options | {"painter": "light"}, inputs=inputs)


def paint(ledger: Ledger, words: int) -> str:
    """A job from its beginning to its end, which told so often how far it was."""
    wanted = painting()
    made = ledger.create(wanted, 10**9, (f"key of {wanted.id}", "print"))
    attempt = ledger.take(made.id, "machine:4026531836/12345/12346/0123abcd")
    assert attempt is not None
    for step in range(words):
        shown = {"key": f"{attempt.folder}/preview.jpg", "width": 512, "height": 341}
        shown["version"] = 1_000_000 + step
        attempt.progress(Progress(step, words, step / words, "Painting", LOSSES), shown)
    attempt.succeed({"key": f"{attempt.folder}/painting.png", "width": 512, "height": 341})
    return made.id


@pytest.mark.parametrize("words", [10, 60, 600])
def test_a_painting_that_is_over_is_small_however_long_it_took(
    ledger: Ledger, redis: Store, words: int
) -> None:
    before = memory(redis)
    paint(ledger, words)
    assert memory(redis) - before < BYTES


def memory(redis: Store) -> int:
    """Bytes of all keys but those that are there once."""
    once = ("merian:counted", "merian:typical", "merian:heard")
    keys = [key for key in redis.scan_iter("merian:*") if key not in once]
    return sum(int(redis.memory_usage(key, samples=0) or 0) for key in keys)


def test_how_it_went_can_still_be_drawn(ledger: Ledger, events: EventLog) -> None:
    made = ledger.create(painting(), 9)
    attempt = ledger.take(made.id, "worker")
    assert attempt is not None
    for step in range(200):
        attempt.progress(Progress(step, 200, step / 200))
    seen = events.read(made.id)
    attempt.succeed({})
    kept = events.read(made.id)
    states = [event.data["state"] for event in kept if event.type == "state"]
    steps = [event.data["progress"]["step"] for event in kept if event.type == "progress"]
    assert states == ["queued", "running", "succeeded"]
    assert len(steps) == 24 and steps[-1] == 199
    assert max(later - earlier for earlier, later in pairwise(steps)) == 9
    # Who read half of it goes on from there.
    assert {event.id for event in kept[:-1]} <= {event.id for event in seen}
    half = events.read(made.id, seen[100].id)
    assert half == [event for event in kept if event.data["version"] > seen[100].data["version"]]


@contextmanager
def watched(redis: Store, url: str) -> Iterator[Counter[str]]:
    """The commands that reach the server while the block lasts; not those within scripts."""
    seen: Counter[str] = Counter()
    ready = threading.Event()

    def listen() -> None:
        own = connect(url)
        with own.monitor() as monitor:
            ready.set()
            for each in monitor.listen():
                words = each["command"].split(" ")
                if words[-1] == "that-is-all":
                    return
                if each["client_type"] != "lua":
                    seen[words[0].upper()] += 1

    thread = threading.Thread(target=listen)
    thread.start()
    ready.wait()
    yield seen
    redis.echo("that-is-all")
    thread.join()


def test_a_painting_takes_few_commands_beside_its_previews(
    ledger: Ledger, redis: Store, valkey_url: str
) -> None:
    """From handing in to the end, of our own and of Celery's, which sends the message."""
    Submitter(ledger, 9).submit(painting())
    paint(ledger, 0)
    with watched(redis, valkey_url) as seen:
        made = Submitter(ledger, 9).submit(painting())
        attempt = ledger.take(made.id, "worker")
        assert attempt is not None
        attempt.succeed({})
    # create, its answer, the message; take; finish
    assert seen == {"EVALSHA": 3, "HGETALL": 1, "LPUSH": 1}


def test_no_act_takes_more_where_many_jobs_are(ledger: Ledger, redis: Store) -> None:
    """Counted within the scripts, too: what is looked through would be seen here."""

    def calls(act: Callable[[], object]) -> int:
        before = total(redis)
        act()
        return total(redis) - before

    def cost() -> dict[str, int]:
        waiting = ledger.create(painting(), 10**9)
        return {
            "a life": calls(lambda: paint(ledger, 3)),
            "a page": calls(lambda: ledger.page("ann", 20)),
            "the newest": calls(lambda: ledger.newest(20)),
            "held": calls(ledger.held),
            "lost messages": calls(lambda: ledger.unpublished("slow", 15, "broker")),
            "what is old": calls(lambda: ledger.finished_before(0)),
            "when it is done": calls(lambda: ledger.eta_seconds(waiting)),
            "removal": calls(lambda: ledger.delete(waiting.id)),
        }

    for _ in range(30):
        paint(ledger, 0)
    cost()  # the server hears of the scripts
    first = cost()
    for _ in range(200):
        paint(ledger, 0)
    assert cost() == first


def total(redis: Store) -> int:
    stats = redis.info("commandstats")
    ours = ("cmdstat_info", "cmdstat_ping")
    return sum(each["calls"] for name, each in stats.items() if name not in ours)
