"""Processes that end with the one that started them, even when that is killed outright."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def end_with_parent(how: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn` by which Linux sends the child `how` when its parent is gone; None elsewhere.

    "Parent" is the thread that starts it: start from one that stays.
    """
    if sys.platform != "linux":
        return None
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl  # found now: little is safe between fork and exec

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, how)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return ask
