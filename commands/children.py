"""Processes that `merian up` and `merian worker` look after: started, started again, ended."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from workers.parent import end_with_parent

# A process that falls is started again after this pause, doubled each time up to a minute.
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
# One that has run this long counts as healthy: the next fall starts from the first pause again.
HEALTHY_AFTER = 60.0
LARGEST_LOG = 10_000_000


@dataclass
class Child:
    """One process: what to run, and how it has fared."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0
    done: bool = False


@dataclass
class Children:
    """A context that ends every child when it is left, by whatever way."""

    commands: Mapping[str, Sequence[str]]
    environment: Mapping[str, str]
    logs: Path | None
    """A folder with a file for each; None: they write where we write."""
    grace: float = 15.0
    may_leave: bool = False
    """One that ends with 0 was told to by someone, and is not started again."""
    children: list[Child] = field(default_factory=list)

    def __enter__(self) -> Self:
        if self.logs:
            self.logs.mkdir(parents=True, exist_ok=True)
        self.children = [Child(name, command) for name, command in self.commands.items()]
        try:
            for child in self.children:
                self._start(child)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def watch(self) -> list[str]:
        """Restart what has fallen and is due; return the names of those that fell just now."""
        fallen = []
        for child in self.children:
            if child.done:
                continue
            if child.process is None:
                if time.monotonic() >= child.due:
                    self._start(child)
            elif child.process.poll() is not None:
                child.done = self.may_leave and child.process.returncode == 0
                if not child.done:
                    self._plan_restart(child)
                    fallen.append(child.name)
        return fallen

    @property
    def are_done(self) -> bool:
        """Whether each has ended because it was told to."""
        return all(child.done for child in self.children)

    def log_of(self, name: str) -> Path:
        assert self.logs
        return self.logs / f"{name}.log"

    @contextmanager
    def _output(self, name: str) -> Iterator[IO[bytes] | None]:
        if self.logs is None:
            yield None
            return
        log = self.log_of(name)
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".old.log"))
        with log.open("ab") as output:
            yield output

    def _start(self, child: Child) -> None:
        with self._output(child.name) as output:
            child.process = subprocess.Popen(
                child.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output and subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is ours to pass on, in order
                preexec_fn=end_with_parent(signal.SIGKILL),
            )
        child.started = time.monotonic()

    def _plan_restart(self, child: Child) -> None:
        now = time.monotonic()
        if now - child.started > HEALTHY_AFTER:
            child.pause = FIRST_PAUSE
        child.process, child.due = None, now + child.pause
        child.pause = min(2 * child.pause, LONGEST_PAUSE)

    def _stop(self) -> None:
        """Ask each to end, then make those that did not."""
        running = [child.process for child in self.children if child.process]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + self.grace
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
