"""`merian worker`: the workers of one host, for a queue that other hosts share."""

import os
import signal
import socket
import time
from collections.abc import Mapping
from types import FrameType

import click
from rich.console import Console

from commands.children import Children
from commands.errors import told_plainly
from workers.ability import Ability, NoAbility, ability
from workers.embedded import redis_url
from workers.fleet import CAN, Member, ask_to_leave, members
from workers.jobs import QUEUES
from workers.ledger import Ledger
from workers.processes import worker_command
from workers.settings import SettingError, WorkerSettings
from workers.store import StoreDown, connect

LAST_STEPS = 30.0
"""Seconds beyond the grace that a worker has to give back what it holds, and to end."""

console = Console(stderr=True)


def read_queues(ctx: click.Context, option: click.Parameter, text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if unknown := [name for name in names if name not in QUEUES]:
        raise click.BadParameter(f"there is no queue {unknown[0]}; there are {', '.join(QUEUES)}.")
    if not names:
        raise click.BadParameter("name at least one.")
    return names


@click.command()
@click.option(
    "--queues", default=",".join(QUEUES), show_default=True, callback=read_queues,
    help="Whose work to do, with commas between: a worker process each.",
)  # fmt: skip
@click.option(
    "--concurrency", default=1, show_default=True, type=click.IntRange(1, 64),
    help="Jobs at a time in each; one uses a CPU or a GPU best.",
)  # fmt: skip
@click.option("--drain", is_flag=True, help="Have the workers of a host end, and wait for it.")
@click.option("--host", default="", help="Whose workers to drain: the name of a host; this one's.")
@click.option(
    "--grace", type=click.IntRange(0), metavar="SECONDS",
    help="How long they may go on with what they have; MERIAN_DRAIN_SECONDS unless given.",
)  # fmt: skip
def worker(
    queues: tuple[str, ...], concurrency: int, drain: bool, host: str, grace: int | None
) -> None:
    """Work for the queue of MERIAN_REDIS_URL on this host, until told to end; or tell it to.

    Told to end (--drain, SIGTERM, Ctrl-C), workers take nothing new and finish what they have. What
    is not done when the grace is over goes back to the queue, and goes on elsewhere from
    where it was saved last. The exit status is then 0.
    """
    with told_plainly(SettingError, StoreDown, NoAbility):
        settings = WorkerSettings.from_env()
        seconds = settings.drain_seconds if grace is None else grace
        if drain:
            drain_host(Ledger(connect(redis_url(settings))), host or socket.gethostname(), seconds)
        else:
            work(queues, concurrency, seconds)


def work(queues: tuple[str, ...], concurrency: int, grace: float) -> None:
    """Until every worker has ended because it was told to; one that falls is started again."""
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, leave)
    try:
        can = ability()
        commands = {queue: worker_command(queue, concurrency, can.is_gpu) for queue in queues}
        console.print(f"Working on {', '.join(queues)}, on {can.device}.")
        with Children(commands, environment(can, grace), None, grace + LAST_STEPS, True) as workers:
            while not workers.are_done:
                for name in workers.watch():
                    console.print(f"[yellow]{name} stopped and is started again.")
                time.sleep(0.5)
    except KeyboardInterrupt:
        pass
    console.print("The workers of this host have ended.")


def environment(can: Ability, grace: float) -> Mapping[str, str]:
    """Ours, and what the workers shall tell of themselves."""
    told = {CAN: f"{can.device} {can.memory_bytes}", "MERIAN_DRAIN_SECONDS": f"{grace:.0f}"}
    return {**os.environ, **told}


def drain_host(ledger: Ledger, host: str, grace: float) -> None:
    """Ask all workers of a host to end, and wait until they have. Raises `StoreDown`."""
    leaving = of_host(ledger, host)
    if not leaving:
        console.print(f"No worker of {host} is there.")
        return
    ask_to_leave(ledger, leaving, grace)
    names = {each.name for each in leaving}
    deadline = time.monotonic() + grace + LAST_STEPS
    while still := [each for each in of_host(ledger, host) if each.name in names]:
        if time.monotonic() > deadline:
            raise click.ClickException(f"{len(still)} workers of {host} have not ended.")
        time.sleep(0.5)
    console.print(f"{len(leaving)} workers of {host} have ended.")


def of_host(ledger: Ledger, host: str) -> list[Member]:
    return [each for each in members(ledger) if each.host == host]


def leave(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
