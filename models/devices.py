"""Which device computes, and with how many threads."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from models.memory import allowed


class DeviceUnavailable(ValueError):
    """The device asked for does not exist here. The message says what to do."""


def pick_device(name: str = "auto") -> torch.device:
    """The device called `name` (auto, cpu, cuda, cuda:1, mps); auto takes the fastest there is.

    On the CPU, torch gets a thread for every core that this process may use.
    Raises `DeviceUnavailable`.
    """
    if name == "auto":
        name = next((kind for kind in ("cuda", "mps") if _available(kind)), "cpu")
    kind = name.partition(":")[0]
    if kind not in ("cpu", "cuda", "mps") or not _available(kind):
        raise DeviceUnavailable(f"There is no device {name!r} here. Use auto or cpu.")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise DeviceUnavailable(f"There is no device {name!r} here. Use auto or cpu.") from None
    if kind == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise DeviceUnavailable(f"There are only {torch.cuda.device_count()} CUDA devices here.")
    if kind == "cpu":
        use_threads(device)
    return device


def use_threads(device: torch.device, most: int | None = None) -> None:
    """Compute on the CPU with a thread for every core, or with `most`; other devices do not care.

    The number of threads decides in what order sums are made, and so the last bits of a picture:
    let it depend on the work alone.
    """
    if device.type == "cpu":
        torch.set_num_threads(min(_cores(), most or _cores()))


@contextmanager
def one_thread(device: torch.device) -> Iterator[None]:
    """For work on small matrices: to share that out takes longer than to do it."""
    before = torch.get_num_threads()
    use_threads(device, 1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def precision_on(device: torch.device) -> torch.dtype:
    """What a network computes in: bfloat16 where a GPU has units for it.

    It has the range of float32, so that nothing overflows as float16 does; Grams are summed in
    float32 (`Sight`).
    """
    if device.type == "cuda" and torch.cuda.get_device_capability(device) >= (8, 0):
        return torch.bfloat16
    return torch.float32


def memory_for(device: torch.device, megabytes: int) -> int:
    """Bytes that a painting may take on a device: as set, or if 0 a share of what there is."""
    on_cuda = device.type == "cuda"
    return allowed(megabytes, torch.cuda.mem_get_info(device)[1] if on_cuda else None)


def _available(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available()
    return kind == "cpu" or torch.backends.mps.is_available()


def _cores() -> int:
    """Cores that this process may run on; a container's or a taskset's limit counts."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
