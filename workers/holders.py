"""Who holds a job: a process, by a name from which its neighbours can tell that it died."""

import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self


class Holder(NamedTuple):
    """One taking of one job by one process."""

    machine: str
    parent: int
    process: int
    token: str
    """Tells two takings by the same process apart."""

    @classmethod
    def here(cls) -> Self:
        return cls(machine(), os.getppid(), os.getpid(), secrets.token_hex(4))

    @classmethod
    def parse(cls, text: str) -> Self:
        name, parent, process, token = text.rsplit("/", 3)
        return cls(name, int(parent), int(process), token)

    def __str__(self) -> str:
        return "/".join(map(str, self))

    @property
    def is_dead(self) -> bool:
        """Known to be dead, that is; of another machine's processes nothing is known."""
        if self.machine != machine():
            return False
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return is_zombie(self.process)

    @property
    def is_our_child(self) -> bool:
        return self.machine == machine() and self.parent == os.getpid()


def is_zombie(process: int) -> bool:
    """Ended, but not yet noticed by the process that should: Linux keeps its number until then."""
    try:
        said = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return said.rpartition(")")[2].split()[0] == "Z"


def machine() -> str:
    """The host and, where there are such, the space in which process numbers mean something.

    Two containers may share a host's name; the same number is then another process in each.
    """
    space = 0
    with suppress(OSError):
        space = Path("/proc/self/ns/pid").stat().st_ino
    return f"{socket.gethostname()}:{space}"
