"""The state of long work as a file, so that another process can go on with it."""

from pathlib import Path
from typing import Any, BinaryIO

import torch

State = dict[str, Any]
"""Tensors, numbers, text, and lists, tuples and dictionaries of them."""


def write_state(state: State, file: BinaryIO) -> None:
    torch.save(state, file)


def read_state(path: Path) -> State | None:
    """What `write_state` wrote, its tensors on the CPU; None where it is damaged.

    Nothing in the file is run. One that there is no memory for counts as damaged, too: work that
    begins anew needs less at first.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # torch does not say which: half a file leads to a dozen kinds
        return None
    return state if isinstance(state, dict) else None
