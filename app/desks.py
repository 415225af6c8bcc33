"""Where pictures from strangers are decoded: two decoders that wait, and whoever comes third."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from queue import LifoQueue
from threading import Timer
from typing import Any

ROOT = Path(__file__).parent.parent
# Run as a file, not as `app.decoder`: the package would load all of the web into it.
DECODER = [sys.executable, "-P", str(ROOT / "app" / "decoder.py")]
PATIENCE = 60.0  # seconds on the wall; a decoder itself limits its seconds of computing
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
            # Our secrets are not for a process that reads what strangers sent.
            kept = {name: text for name, text in os.environ.items() if name[:7] != "MERIAN_"}
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


# A decoder's child may take hundreds of megabytes: two at a time, and the others wait.
desks: "LifoQueue[Desk]" = LifoQueue()
for _ in range(2):
    desks.put(Desk())


def decode(source: Path, target: Path, max_pixels: int) -> dict[str, Any]:
    """What a decoder says about `source`: width and height of `target`, or code and message."""
    desk = desks.get()
    try:
        return desk.decode(source, target, max_pixels)
    finally:
        desks.put(desk)
