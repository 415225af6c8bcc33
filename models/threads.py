"""How torch's threads behave beside other programs. Imports no torch: it must come first."""

import os


def share_the_cores() -> None:
    """Let threads that wait sleep, unless the environment says otherwise. Call before torch loads.

    OpenMP's threads spin while they wait for each other. On a machine with something else to do (a
    browser, a second worker) the one that is waited for then gets no core: a picture of 128 px took
    48 s instead of 6 s beside three busy processes on two cores. The price on an idle machine is
    about a third of the speed, and less where small scales are painted by one thread (`Recipe`).
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
