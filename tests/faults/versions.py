"""Merian as it was and as it may become: folders of code that run beside the present one."""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
BEFORE = "57c9b26"
"""The last commit whose records had no number of their format, and whose workers told nothing."""
PACKAGES = ("app", "commands", "models", "workers", "static", "templates", "translations")


def before(folder: Path) -> Path:
    """The code of BEFORE; skips the test where this clone does not have it."""
    asked = ["git", "-C", str(ROOT), "archive", BEFORE, *PACKAGES]
    try:
        code = subprocess.run(asked, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"this clone does not have commit {BEFORE}")
    with tarfile.open(fileobj=io.BytesIO(code)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def after(folder: Path) -> Path:
    """The present code after one more change of the format: pictures as pairs, not as an object.

    A worker of today cannot read that, and a worker of then reads what is written today.
    """
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name)
    formats, jobs = folder / "workers" / "formats.py", folder / "workers" / "jobs.py"
    change(formats, "FORMAT = 2\n", "FORMAT = 3\n")
    change(
        formats, "STEPS: dict",
        "def from_2(record: Record) -> Record:\n"
        "    import json\n\n"
        "    pairs = list(json.loads(record['inputs']).items())\n"
        "    return {**record, 'inputs': json.dumps(pairs)}\n\n\n"
        "STEPS: dict",
    )  # fmt: skip
    change(formats, "{1: from_1}", "{1: from_1, 2: from_2}")
    change(jobs, "json.dumps(dict(self.inputs))", "json.dumps(list(self.inputs.items()))")
    change(jobs, 'inputs=json.loads(record["inputs"])', 'inputs=dict(json.loads(record["inputs"]))')
    return folder


def change(file: Path, was: str, now: str) -> None:
    text = file.read_text()
    assert text.count(was) == 1, f"{file.name} has no {was}"
    file.write_text(text.replace(was, now))
