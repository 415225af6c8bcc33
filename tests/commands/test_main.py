"""The command line's door: `merian --help` says everything and loads nothing."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from commands.main import COMMANDS, merian


def test_help_lists_every_command() -> None:
    shown = CliRunner().invoke(merian, ["--help"])
    assert shown.exit_code == 0
    for name, line in COMMANDS.items():
        assert name in shown.output
        assert line.split()[0] in shown.output


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help(name: str) -> None:
    shown = CliRunner().invoke(merian, [name, "--help"])
    assert shown.exit_code == 0
    assert "Usage: merian" in shown.output


def test_help_loads_no_engine_and_no_server() -> None:
    program = (
        "import sys\n"
        "from commands.main import merian\n"
        "merian(['--help'], standalone_mode=False)\n"
        "heavy = {'torch', 'flask', 'celery', 'redis', 'PIL', 'numpy', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_unknown_command_is_a_usage_error() -> None:
    shown = CliRunner().invoke(merian, ["pain"])
    assert shown.exit_code == 2
    assert "pain" in shown.output
