"""Whether a process is known to be dead."""

import os
import subprocess
import sys

from workers.holders import Holder, machine


def test_a_name_is_read_back() -> None:
    here = Holder.here()
    assert Holder.parse(str(here)) == here
    assert Holder.here() != here  # two takings are told apart


def test_the_living_the_dead_and_the_far() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    holder = Holder(machine(), os.getpid(), process.pid, "x")
    assert not holder.is_dead and holder.is_our_child
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert holder.is_dead or sys.platform != "linux"  # a zombie
    process.communicate()
    assert holder.is_dead
    far = holder._replace(machine="elsewhere:1")
    assert not far.is_dead and not far.is_our_child
    assert not Holder(machine(), 1, 1, "x").is_dead
