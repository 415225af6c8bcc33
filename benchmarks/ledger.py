"""What a job costs the store, and whether that grows with the jobs that are in it.

    python -m benchmarks.ledger [-o FILE.json]

One painting by a real worker: the commands that name it and the bytes that it leaves. Then ledgers
of 100, 10,000 and 100,000 jobs that are over: the least time that each act takes, which says more
than the usual one on a machine that does other things, too.
"""

import json
import os
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from app.samples import read_samples
from benchmarks.tables import table
from workers.artifacts import FolderStore
from workers.attempts import Attempt
from workers.celery import broker_url, celery
from workers.census import take_census
from workers.embedded import private_valkey
from workers.jobs import QUEUES, Job, Progress
from workers.ledger import NO_LIMIT, Ledger
from workers.processes import worker_command
from workers.store import Store, connect
from workers.submit import Submitter

SIZES = (100, 10_000, 100_000)
OWNERS = 10
TIMES = 100
BATCH = 2000
COPIES = """
local from, first, count, owners = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
for number = first, first + count - 1 do
  local id = string.format('%032x', number)
  local owner = 'owner-' .. number % owners
  local place = string.format('%017d', number) .. ':' .. id
  redis.call('COPY', 'merian:job:' .. from, 'merian:job:' .. id)
  redis.call('COPY', 'merian:events:' .. from, 'merian:events:' .. id)
  redis.call('HSET', 'merian:job:' .. id, 'id', id, 'owner', owner, 'place', place)
  redis.call('ZADD', 'merian:owner:' .. owner, 0, place)
  redis.call('ZADD', 'merian:all', 0, place)
  redis.call('ZADD', 'merian:finished', 1e9 + number, id)
end
"""
LOSSES = {"content": 1.71049, "style": 0.102284, "smoothness": 0.0587101, "total": 0.276259}
RESULT = {"key": f"jobs/{'0' * 32}/1/painting.png", "width": 512, "height": 341, "seconds": 28.3}
CELERYS = 9
"""Commands by which kombu takes a message, notes that it has it, and that it is done."""


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), help="JSON goes here.")
@click.option("--size", default=256, show_default=True, help="Of the painting, in pixels.")
def main(output: Path | None, size: int) -> None:
    """Print tables."""
    with tempfile.TemporaryDirectory() as folder:
        one = painting(Path(folder), size)
    rows = [(name, f"{value:,}") for name, value in one.items()]
    click.echo(table((f"a painting of {size} px", ""), rows) + "\n")
    with tempfile.TemporaryDirectory() as folder, private_valkey(Path(folder)) as url:
        ledgers = {size: measured(Ledger(connect(url)), size) for size in SIZES}
    names = list(ledgers[SIZES[0]])
    lines = [[name, *(f"{ledgers[size][name]:,.2f}" for size in SIZES)] for name in names]
    click.echo(table(("least ms", *(f"{size:,} jobs" for size in SIZES)), lines))
    if output:
        output.write_text(json.dumps({"painting": one, "ledgers": ledgers}, indent=1) + "\n")


def painting(folder: Path, size: int) -> dict[str, float]:
    """One painting by a worker that is warm: commands, those of previews apart, and bytes."""
    with private_valkey(folder / "valkey") as url:
        redis = connect(url)
        celery.conf.broker_url = broker_url(url)
        environ = os.environ | {"MERIAN_REDIS_URL": url, "MERIAN_DATA": str(folder)}
        quiet = subprocess.DEVNULL
        worker = subprocess.Popen(worker_command("quick"), env=environ, stdout=quiet, stderr=quiet)
        try:
            painted(redis, folder, size)
            with monitored(url) as told:
                job = painted(redis, folder, size)
        finally:
            worker.terminate()
            worker.wait(30)
        ours = [words for words in told if any(job.id in word for word in words)]
        shown = sum(is_preview(words, Ledger(redis)) for words in ours)
        kinds = Counter(name_of(words, Ledger(redis)) for words in ours)
        keys = [key for key in redis.scan_iter("merian:*") if job.id in key]
        bytes_left = {key: int(redis.memory_usage(key, samples=0) or 0) for key in keys}
        taken = {f"`{name}`": count for name, count in sorted(kinds.items())}
        return {
            "seconds": round((job.finished_at or 0) - (job.started_at or 0), 1),
            "previews, a command each": shown,
            "commands that name the job, beside these": len(ours) - shown,
            "Celery's for its message": CELERYS,
            "bytes of the record": bytes_left[f"merian:job:{job.id}"],
            "bytes of the events": bytes_left[f"merian:events:{job.id}"],
        } | taken


def painted(redis: Store, folder: Path, size: int) -> Job:
    """Handed in, and over."""
    ledger, store = Ledger(redis), FolderStore(folder / "artifacts")
    samples = read_samples()
    empty = Job(owner="ann", options={"painter": "light", "size": size}, inputs={})
    inputs = {name: f"{empty.folder}/{name}.jpg" for name in ("content", "style-0")}
    for key, sample in zip(inputs.values(), ("coffee", "marbled-paper"), strict=True):
        store.write(key, samples[sample].path.read_bytes())
    wanted = Job(owner="ann", options=empty.options, inputs=inputs, id=empty.id)
    before = redis.zcard("merian:finished")
    Submitter(ledger, NO_LIMIT).submit(wanted)
    while redis.zcard("merian:finished") == before:  # names no job, and is not counted
        time.sleep(0.2)
    time.sleep(1)
    return ledger.get(wanted.id)


@contextmanager
def monitored(url: str) -> Iterator[list[list[str]]]:
    """The words of each command that a client sends while the block lasts."""
    told: list[list[str]] = []
    ready = threading.Event()

    def listen() -> None:
        own = connect(url)
        own.connection_pool.connection_kwargs["socket_timeout"] = None
        with own.monitor() as monitor:  # type: ignore[no-untyped-call]
            ready.set()
            for each in monitor.listen():
                words = each["command"].split(" ")
                if words[-1] == "that-is-all":
                    return
                if each["client_type"] != "lua":
                    told.append(words)

    thread = threading.Thread(target=listen)
    thread.start()
    ready.wait()
    yield told
    connect(url).echo("that-is-all")
    thread.join()


def name_of(words: list[str], ledger: Ledger) -> str:
    """A script by its name, another command by its own."""
    names = {script.sha: name for name, script in ledger.scripts.items()}
    return names.get(words[1], words[0].lower()) if len(words) > 1 else words[0].lower()


def is_preview(words: list[str], ledger: Ledger) -> bool:
    return name_of(words, ledger) == "progress" and "preview.jpg" in " ".join(words)


def job_of(number: int) -> Job:
    options = {f"option-{each}": 0.123456 for each in range(20)} | {"painter": "light"}
    inputs = {name: f"jobs/{'0' * 32}/{name}.jpg" for name in ("content", "style-0")}
    return Job(owner=f"owner-{number % OWNERS}", options=options, inputs=inputs)


def fill(ledger: Ledger, count: int) -> None:
    """Until so many jobs are over: one that was lived through, and copies of it."""
    pattern = ledger.create(job_of(0), NO_LIMIT)
    attempt = held_by(ledger.take(pattern.id, "worker"))
    attempt.progress(Progress(50, 100, 0.5, "Painting", LOSSES))
    attempt.succeed(RESULT)
    copy = ledger.redis.register_script(COPIES)
    while (have := int(ledger.redis.zcard("merian:finished"))) < count:
        copy(args=[pattern.id, have, min(BATCH, count - have), OWNERS])


def measured(ledger: Ledger, count: int) -> dict[str, float]:
    """Milliseconds of each act, with `count` jobs in the ledger; and bytes a job."""
    fill(ledger, count)
    used = int(ledger.redis.info("memory")["used_memory"])
    made: list[str] = []
    held: list[Attempt] = []
    acts: dict[str, Callable[[int], Any]] = {
        "submit": lambda number: made.append(ledger.create(job_of(number), NO_LIMIT).id),
        "when it is done": lambda number: ledger.eta_seconds(ledger.get(made[number])),
        "claim": lambda number: held.append(held_by(ledger.take(made[number], "worker"))),
        "a word of progress": lambda number: held[number].progress(Progress(1, 2, 0.5)),
        "finish": lambda number: held[number].succeed(RESULT),
        "a page of 20": lambda number: ledger.page("owner-0", 20),
        "the newest 20 of all": lambda number: ledger.newest(20),
        "a janitor's pass": lambda number: look(ledger),
        "removal": lambda number: ledger.delete(made[number]),
    }
    told = {name: milliseconds(act) for name, act in acts.items()}
    nothing = milliseconds(lambda number: ledger.page("owner-0", 20, wanted=never), times=3)
    return told | {"a page to which nothing fits": nothing, "kB a job": used / count / 1000}


def held_by(attempt: Attempt | None) -> Attempt:
    assert attempt is not None
    return attempt


def never(job: Job) -> bool:
    return False


def look(ledger: Ledger) -> None:
    """What a janitor asks the ledger."""
    ledger.held()
    take_census(ledger)
    for queue in QUEUES:
        ledger.unpublished(queue, 15, f"merian:broker:{queue}")
    ledger.finished_before(0)


def milliseconds(act: Callable[[int], Any], times: int = TIMES) -> float:
    """The least of all."""
    took = []
    for number in range(times):
        begun = time.perf_counter()
        act(number)
        took.append(1000 * (time.perf_counter() - begun))
    return min(took)


if __name__ == "__main__":
    main()
