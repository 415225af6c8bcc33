"""Where the state of a training is kept, so that another process can go on with it."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.checkpoints import State, read_state, write_state


class Checkpoints(Protocol):
    """The latest state of one training. `FileCheckpoints` is one."""

    def load(self) -> State | None: ...

    def save(self, state: State) -> None: ...


@dataclass(frozen=True)
class FileCheckpoints:
    """One file, replaced whole each time."""

    path: Path

    def load(self) -> State | None:
        """What was saved last; None where nothing was, or where it cannot be read."""
        return read_state(self.path) if self.path.exists() else None

    def save(self, state: State) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.part")
        try:
            with part.open("wb") as file:
                write_state(state, file)
            part.replace(self.path)
        finally:
            part.unlink(missing_ok=True)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
