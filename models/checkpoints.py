"""The state of long work as a file, so that another process can go on with it.

`Keeper` says when it is time to save, `Checkpoints` where; paintings and trainings share both.
"""

import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from zipfile import ZipFile

log = logging.getLogger(__name__)

State = dict[str, Any]
"""Tensors, numbers, text, and lists, tuples and dictionaries of them."""

SECONDS = 10.0
"""Of work that may be lost: a checkpoint is due after so many, or more where saving takes long."""


@dataclass(frozen=True)
class Checkpoint:
    """Work that another process may go on with."""

    key: str
    """Names the work and the program that did it: under another key, work begins anew."""
    fraction: float
    """Of the work that is done, 0..1."""
    seconds: float
    """That the work took up to here, in whatever processes."""
    state: State


@cache
def program() -> str:
    """Names the code that paints and teaches, torch's version included."""
    import torch  # here: whoever only says when or where does without

    digest = hashlib.sha256(torch.__version__.encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Checkpoints(Protocol):
    """Where the latest checkpoint of one work is. `FileCheckpoints` is one."""

    def load(self, key: str) -> Checkpoint | None:
        """The latest of that key; None where there is none, or none that can be read."""
        ...

    def save(self, checkpoint: Checkpoint) -> None:
        """Raises `OSError` where it cannot be written; the one before is then still there."""
        ...


class Keeper:
    """Saves a work's state now and then, and keeps account of the seconds that the work takes."""

    def __init__(
        self, checkpoints: Checkpoints | None, share: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """`share`: how much of the time saving may take, 0..1. Without checkpoints, none."""
        self.checkpoints, self.share, self.clock = checkpoints, share, clock
        self.key = ""
        self._began = self._asked = self._saved = clock()
        self._pause = 0.0

    @property
    def seconds(self) -> float:
        """Since the work began; what was done before a failure is included."""
        return self.clock() - self._began

    def load(self, key: str) -> State | None:
        """The state to go on from, if there is one, of the work that `key` names.

        What other code saved is none: it may mean something else here.
        """
        self.key = hashlib.sha256(f"{program()} {key}".encode()).hexdigest()
        found = self.checkpoints.load(self.key) if self.checkpoints else None
        self._asked = self._saved = self.clock()
        if found is None:
            return None
        self._began = self.clock() - found.seconds
        return found.state

    def due(self) -> bool:
        """Whether to save now; to be asked after each step: waiting for another would be too long.

        One that took long is followed by a long time without.
        """
        now = self.clock()
        step, self._asked = now - self._asked, now
        since = now - self._saved
        return self.checkpoints is not None and since + step > SECONDS and since >= self._pause

    def save(self, fraction: float, state: State) -> None:
        """Save now. Where it cannot be written the work goes on: it is lost only if it fails, too.

        Raises what `Checkpoints.save` raises beside `OSError`.
        """
        if self.checkpoints is None:
            return
        began = self.clock()
        try:
            self.checkpoints.save(Checkpoint(self.key, fraction, self.seconds, state))
        except OSError as failure:
            log.warning("a checkpoint could not be written", extra={"why": str(failure)})
        self._asked = self._saved = self.clock()
        self._pause = (self._saved - began) / self.share


@dataclass(frozen=True)
class FileCheckpoints:
    """One file, replaced whole each time."""

    path: Path

    def load(self, key: str) -> Checkpoint | None:
        found = read_checkpoint(self.path) if self.path.exists() else None
        return found if found and found.key == key else None

    def save(self, checkpoint: Checkpoint) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.part")
        try:
            with part.open("wb") as file:
                write_checkpoint(checkpoint, file)
            part.replace(self.path)
        finally:
            part.unlink(missing_ok=True)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def write_checkpoint(checkpoint: Checkpoint, file: BinaryIO) -> None:
    """Tensors are written as they lie in memory: no copy of them is made on a CPU.

    Raises what `file` raises.
    """
    import torch

    told = {each.name: getattr(checkpoint, each.name) for each in fields(Checkpoint)}
    try:
        torch.save(told, file)
    except RuntimeError as failure:  # how torch's writer ends where a disk is full
        if isinstance(failure.__context__, OSError):
            raise failure.__context__ from failure
        raise


def read_checkpoint(path: Path) -> Checkpoint | None:
    """What `write_checkpoint` wrote, its tensors on the CPU; None where it is damaged.

    Nothing in the file is run. One that there is no memory for counts as damaged, too: work that
    begins anew needs less at first.
    """
    import torch

    try:
        with ZipFile(path) as parts:  # torch does not look whether a part is what was written
            if parts.testzip() is not None:
                return None
        return Checkpoint(**torch.load(path, map_location="cpu", weights_only=True))
    except Exception:  # torch does not say which: half a file leads to a dozen kinds
        return None
