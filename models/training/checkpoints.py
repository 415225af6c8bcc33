"""The state of a training as a file, so that another process can go on with it."""

import pickle
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import torch


@dataclass(frozen=True)
class FileCheckpoints:
    """One file, replaced whole each time."""

    path: Path

    def load(self) -> dict[str, Any] | None:
        """What was saved last; None where nothing was, or where it cannot be read."""
        return read_state(self.path) if self.path.exists() else None

    def save(self, state: dict[str, Any]) -> None:
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


def write_state(state: dict[str, Any], file: BinaryIO) -> None:
    torch.save(state, file)


def read_state(path: Path) -> dict[str, Any] | None:
    """What `write_state` wrote, tensors on the CPU; None where it is damaged."""
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        return state
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError):
        return None
