"""A wall clock that can be set, for the programs of a stack: the machine's own is not ours."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent / "jump.c"


@dataclass(frozen=True)
class Clock:
    """`environ` is for the programs that live by it."""

    file: Path
    library: Path

    @property
    def environ(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "CLOCK_OFFSET_FILE": str(self.file)}

    def jump(self, seconds: int) -> None:
        """To so many seconds before or after the true time."""
        with self.file.open("r+") as file:
            file.write(f"{seconds:<12d}")

    @contextmanager
    def for_what_starts(self) -> Iterator[None]:
        """Programs that this process starts in the block live by it, too."""
        os.environ.update(self.environ)
        try:
            yield
        finally:
            for name in self.environ:
                del os.environ[name]


def build(folder: Path) -> Clock:
    """Skips the test where there is no compiler, or the linker knows no preloading."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler to build a clock with")
    clock = Clock(folder / "offset", folder / "jump.so")
    clock.file.write_text(f"{0:<12d}")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", "-o", clock.library, SOURCE, "-ldl"], check=True
    )
    clock.jump(7200)
    told = subprocess.run(
        ["date", "+%s"], env=os.environ | clock.environ, capture_output=True, text=True, check=True
    )
    clock.jump(0)
    true = subprocess.run(["date", "+%s"], capture_output=True, text=True, check=True)
    if not 7100 < int(told.stdout) - int(true.stdout) < 7300:
        pytest.skip("programs here do not take a preloaded clock")
    return clock
