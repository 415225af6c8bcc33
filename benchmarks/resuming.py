"""What a painting loses when its painter is killed: `python -m benchmarks.resuming --seconds 60`.

The real stack: a private Valkey, a worker, and a painting of about so many seconds, once
uninterrupted and once with SIGKILL of the painting process at three quarters. Beside the seconds
that passed stand those that the painting processes computed (CPU time of all cores, a new process's
loading included): a busy machine disturbs these less.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import click
import psutil

from benchmarks import choices
from benchmarks.pairs import Pair, pairs_in
from benchmarks.tables import table
from workers.artifacts import FolderStore
from workers.celery import broker_url, celery
from workers.embedded import private_valkey
from workers.jobs import Job, State
from workers.ledger import Ledger
from workers.processes import worker_command
from workers.store import connect
from workers.submit import Submitter

TRIAL = 12
"""Steps of the painting that tells how many there are to be."""
KILLED_AT = 0.75


@dataclass(frozen=True)
class Course:
    """How one painting went. Seconds from when it was first taken."""

    passed: float
    computed: float
    killed: float | None = None
    reached: float = 0.0
    """Share of the work that was done when it was killed, 0..1."""
    resumed: float = 0.0
    """Share of the work that was gone on from."""
    checkpoints: int = 0
    """Of the last process, and the seconds that they took."""
    saving: float = 0.0


@dataclass(frozen=True)
class Studio:
    """A worker that paints, and a client who hands in paintings and looks at them."""

    ledger: Ledger
    store: FolderStore
    worker: psutil.Popen
    pair: Pair
    size: int

    def paint(self, steps: int, kill_after: float | None = None) -> Course:
        """One painting, killed when it has computed for `kill_after` seconds."""
        empty = Job(owner="bench", options={"size": self.size, "steps": steps}, inputs={})
        inputs = {}
        for name, path in (("content", self.pair.content), ("style-0", self.pair.style)):
            inputs[name] = f"{empty.folder}/{name}{path.suffix}"
            self.store.write(inputs[name], path.read_bytes())
        painter = self._painter()
        before = computed(painter)
        id = Submitter(self.ledger, 9).submit(replace(empty, inputs=inputs)).id
        wait_for(lambda: self.ledger.get(id).state is State.RUNNING)
        taken = self.ledger.get(id).started_at
        assert taken is not None
        if kill_after is None:
            job = self._over(id)
            used, killed, reached, resumed = computed(painter) - before, None, 0.0, 0.0
        else:
            wait_for(lambda: computed(painter) - before > kill_after)
            reached = self.ledger.get(id).progress.fraction
            used, killed = computed(painter) - before, time.time() - taken
            painter.kill()
            wait_for(lambda: self.ledger.get(id).progress.message == "Going on")
            resumed = self.ledger.get(id).progress.fraction
            job = self._over(id)
            used += computed(self._painter())
        assert job.state is State.SUCCEEDED and job.finished_at and job.result, job.error
        return Course(
            job.finished_at - taken, used, killed, reached, resumed,
            job.result["checkpoints"], job.result["checkpoint_seconds"],
        )  # fmt: skip

    def _over(self, id: str) -> Job:
        wait_for(lambda: self.ledger.get(id).state.over)
        return self.ledger.get(id)

    def _painter(self) -> psutil.Process:
        """The worker's child that paints."""
        found: list[psutil.Process] = []

        def there() -> bool:
            for child in self.worker.children():
                with suppress(psutil.Error):
                    if any("--billiard-fork" in word for word in child.cmdline()):
                        found.append(child)
            return bool(found)

        wait_for(there)
        return found[0]


@click.command()
@click.option("--seconds", default=60, show_default=True, help="That a painting is to take.")
@click.option("--size", default=768, show_default=True, help="Longer side, px.")
@choices.pictures
@choices.device
def main(seconds: int, size: int, pictures: Path, device: str) -> None:
    """Paint twice, once interrupted."""
    (pair,) = pairs_in(pictures, "1")
    with tempfile.TemporaryDirectory() as folder, studio(Path(folder), pair, size, device) as at:
        at.paint(TRIAL)  # the first is slower
        trial = at.paint(TRIAL)
        steps = round(TRIAL * seconds / trial.passed)
        whole = at.paint(steps)
        click.echo(told(whole, at.paint(steps, KILLED_AT * whole.computed)))


@contextmanager
def studio(folder: Path, pair: Pair, size: int, device: str) -> Iterator[Studio]:
    with private_valkey(folder / "valkey") as url:
        celery.conf.broker_url = broker_url(url)
        environ = {"MERIAN_REDIS_URL": url, "MERIAN_DATA": str(folder), "MERIAN_DEVICE": device}
        log = (folder / "worker.log").open("wb")
        worker = psutil.Popen(
            worker_command("slow"), env=os.environ | environ, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield Studio(
                Ledger(connect(url)), FolderStore(folder / "artifacts"), worker, pair, size
            )
        finally:
            for process in (*worker.children(recursive=True), worker):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            worker.wait()
            log.close()


def told(whole: Course, cut: Course) -> str:
    """What was lost, as a table."""
    assert cut.killed is not None
    share = whole.saving / whole.passed
    rows = [
        ["uninterrupted", f"{whole.passed:.1f}", f"{whole.computed:.1f}"],
        ["killed after", f"{cut.killed:.1f}", f"{cut.reached:.0%} of the work"],
        ["gone on from", "", f"{cut.resumed:.0%} of the work"],
        ["in all", f"{cut.passed:.1f}", f"{cut.computed:.1f}"],
        ["later by", f"{cut.passed - whole.passed:.1f}", f"{cut.computed - whole.computed:.1f}"],
    ]
    saved = f"{whole.checkpoints} checkpoints took {whole.saving:.2f} s, {share:.2%} of the time."
    return f"{table(['painting', 'seconds', 'computed, s'], rows)}\n\n{saved}"


def computed(process: psutil.Process) -> float:
    """Seconds that a process computed, on all cores together."""
    times = process.cpu_times()
    return float(times.user + times.system)


def wait_for(what: Callable[[], object], seconds: float = 600.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise TimeoutError("The worker does not get on.")
        time.sleep(0.05)


if __name__ == "__main__":
    main()
