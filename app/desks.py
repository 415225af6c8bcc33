"""Where pictures from strangers are decoded: two decoders, and a line of those who wait."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Lock, Timer
from typing import Any

from app.errors import Refusal

ROOT = Path(__file__).parent.parent
# Run as a file, not as `app.decoder`: the package would load all of the web into it.
DECODER = [sys.executable, "-P", str(ROOT / "app" / "decoder.py")]
PATIENCE = 60.0  # seconds on the wall; a decoder itself limits its seconds of computing
LONGEST_WAIT = 30.0  # seconds in the line; who sent a picture would rather come again
LONGEST_LINE = 100
KNOWN = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME")
"""What a decoder sees of the environment; secrets have many names, and none is for it."""
TOO_COSTLY = {"code": "too_costly", "message": ""}


class Desk:
    """One decoder, started when it is first needed, and again when it has fallen."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def decode(self, source: Path, target: Path, max_pixels: int) -> dict[str, Any]:
        process = self._started()
        timer = Timer(PATIENCE, self._end, [process])
        timer.start()
        try:
            assert process.stdin and process.stdout
            about = {"source": str(source), "target": str(target), "max_pixels": max_pixels}
            process.stdin.write(json.dumps(about) + "\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(process.stdout.readline())
            return answer
        except (OSError, ValueError):  # it ended before it could say anything
            self._end(process)
            return TOO_COSTLY
        finally:
            timer.cancel()

    def _started(self) -> "subprocess.Popen[str]":
        if self.process is None or self.process.poll() is not None:
            # One thread: a pool of them would only reserve memory against the limit.
            ours = {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
            kept = {name: os.environ[name] for name in KNOWN if name in os.environ}
            self.process = subprocess.Popen(
                DECODER, env=kept | ours, text=True, start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        return self.process

    @staticmethod
    def _end(process: "subprocess.Popen[str]") -> None:
        """It and its child."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Desks:
    """Some desks, and who waits for one, in order."""

    def __init__(self, count: int) -> None:
        self.waiting = 0
        self._free: LifoQueue[Desk] = LifoQueue()
        self._lock = Lock()
        for _ in range(count):
            self._free.put(Desk())

    @contextmanager
    def one(self) -> Iterator[Desk]:
        """A desk as long as the block lasts. Raises `Refusal` where the line is too long."""
        with self._lock:
            if self.waiting >= LONGEST_LINE:
                raise Refusal("busy")
            self.waiting += 1
        try:
            desk = self._free.get(timeout=LONGEST_WAIT)
        except Empty:
            raise Refusal("busy") from None
        finally:
            with self._lock:
                self.waiting -= 1
        try:
            yield desk
        finally:
            self._free.put(desk)


# A decoder's child may take hundreds of megabytes: two at a time, and the others wait.
desks = Desks(2)


def decode(source: Path, target: Path, max_pixels: int) -> dict[str, Any]:
    """What a decoder says about `source`: width and height of `target`, or code and message.

    Raises `Refusal` where too many wait.
    """
    with desks.one() as desk:
        return desk.decode(source, target, max_pixels)
