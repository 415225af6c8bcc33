"""The health check of the web's container, whatever the names are by which people call it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from commands.alive import a_trusted_name, ask
from commands.up import web_command
from tests.app.conftest import listening


@contextmanager
def serving(environ: dict[str, str], log: Path) -> Iterator[str]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            web_command("127.0.0.1", 0), env=environ, stdout=output, stderr=output
        )
    try:
        yield listening_although_refusing(log)
    finally:
        process.terminate()
        process.wait(20)


def listening_although_refusing(log: Path) -> str:
    try:
        return listening(log)
    except OSError:  # the name that it was called by is not one of the trusted
        return next(word for word in log.read_text().split() if word.startswith("http://127"))


@pytest.mark.stack
def test_it_calls_the_web_by_a_name_that_is_trusted(
    worker_environ: dict[str, str], tmp_path: Path
) -> None:
    names = {"MERIAN_TRUSTED_HOSTS": ".example.org, studio.example.net"}
    environ = worker_environ | names | {"MERIAN_SECRET_KEY": "x"}
    with serving(environ, tmp_path / "web.log") as address:
        assert ask(address, names) == ""
        assert ask(address, {}) == "The web answers 400."


def test_without_a_web_it_says_so() -> None:
    assert ask("http://127.0.0.1:1", {}).startswith("The web does not answer: ")


def test_any_name_does_where_all_are_trusted() -> None:
    assert a_trusted_name({}) == "localhost"
    assert a_trusted_name({"MERIAN_TRUSTED_HOSTS": " a.example , b"}) == "a.example"
    assert a_trusted_name({"MERIAN_TRUSTED_HOSTS": ".example.org"}) == "example.org"


def test_nothing_of_ours_is_loaded_for_it() -> None:
    program = "import sys, commands.alive; print({'app', 'workers'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "set()\n"
