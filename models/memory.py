"""How much memory this machine has, how much a painting may take, and giving it back.

Imports no torch.
"""

import ctypes
import os
from contextlib import suppress
from pathlib import Path

SHARE = 0.8
CONTAINER = Path("/sys/fs/cgroup/memory.max")
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # glibc's malloc.h


def allowed(megabytes: int, total: int | None = None) -> int:
    """Bytes that a painting may take: as set, or if 0 its share of `total` or of the machine's."""
    return megabytes * 1_000_000 or int(SHARE * (total or machine_memory()))


def machine_memory() -> int:
    """Bytes of memory of this machine; a container's limit counts."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # no container, or one without a limit
        return min(whole, int(CONTAINER.read_text()))
    return whole


def keep_for_reuse() -> None:
    """Let glibc keep what one step frees for the next; `give_back` is when it goes to the system.

    By itself it returns and fetches some hundred megabytes a step: a tenth of the time at 512 px.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(TRIM_THRESHOLD, 2_000_000_000)
        mallopt(MMAP_THRESHOLD, 32 << 20)  # the largest there is


def give_back() -> None:
    """Return to the system what is free in this process.

    glibc keeps what was used for many smaller tensors: a large scale's few large ones would come on
    top of a gigabyte that nobody needs any more. Elsewhere this does nothing.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
