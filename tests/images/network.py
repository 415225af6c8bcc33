"""A network of the tests' own, in which the ports that images name are free. Linux, as root."""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NEW_NETWORK = 0x40000000  # CLONE_NEWNET


@contextmanager
def own_network() -> Iterator[None]:
    """This thread, and what it starts, see nothing but a loopback as long as the block lasts."""
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open(f"/proc/self/task/{Path('/proc/thread-self').readlink().name}/ns/net", 0)
    try:
        if libc.unshare(NEW_NETWORK):
            raise OSError(ctypes.get_errno(), "no network of our own")
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            yield
        finally:
            libc.setns(before, NEW_NETWORK)
    finally:
        os.close(before)
