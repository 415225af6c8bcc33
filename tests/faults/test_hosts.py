"""Hosts that share a Valkey and a bucket, and nothing else: one is cut off, killed, added."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from commands.up import web_command
from tests.faults.mixed import MixedLoad
from tests.faults.network import Machine, Network, network, why_not
from tests.faults.report import note, times
from tests.faults.stack import wait_for
from tests.s3 import environ, make_bucket
from workers.embedded import find_server
from workers.holders import Holder
from workers.ledger import Held, Ledger
from workers.processes import worker_command
from workers.store import connect

JOBS = times("HOSTS", 500)
CUT_SECONDS = 45.0
"""Longer than a lease: what the host held is another's when it is back."""
SERVER = "import sys; from moto.server import main; main(sys.argv[1:])"

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")


def shared_store(net: Network) -> Machine:
    """A machine with the Valkey and the bucket."""
    made = net.machine("store")
    made.run([
        find_server(), "--bind", made.address, "--port", "6379", "--protected-mode", "no",
        "--appendonly", "yes", "--dir", str(made.folder), "--save", "",
    ])  # fmt: skip
    made.run([sys.executable, "-c", SERVER, "-H", made.address, "-p", "5000"])
    bucket = f"http://{made.address}:5000"
    wait_for(lambda: httpx.get(bucket, timeout=5), name="the bucket's server")
    wait_for(lambda: connect(redis_of(made)).ping(), name="the Valkey")
    make_bucket(bucket, "pictures")
    return made


def redis_of(store: Machine) -> str:
    return f"redis://{store.address}:6379/0"


def host(net: Network, store: Machine, name: str) -> Machine:
    """With a data folder that no other has."""
    settings = {
        "MERIAN_REDIS_URL": redis_of(store), "MERIAN_ARTIFACTS": "s3://pictures/of/merian",
        "MERIAN_DATA": str(net.folder / name / "data"), "MERIAN_SECRET_KEY": "of the faults",
        "MERIAN_OWNER_MODE": "shared", "MERIAN_DEVICE": "cpu", "MERIAN_QUEUE_LIMIT": "10000",
    }  # fmt: skip
    return net.machine(name, **settings, **environ(f"http://{store.address}:5000"))


def work(machine: Machine) -> None:
    machine.run(worker_command("quick"))


def held_by(ledger: Ledger, machine: Machine) -> list[Held]:
    return [
        each for each in ledger.held() if Holder.parse(each.holder).machine.startswith(machine.name)
    ]


def given_on(ledger: Ledger, machine: Machine) -> bool:
    """Whether the machine holds nothing any more, as far as the ledger knows."""
    return not held_by(ledger, machine)


def while_it_works(ledger: Ledger, machine: Machine, fault: Callable[[], None]) -> float:
    """The fault when the machine is at it; seconds until what it held was another's, or waited."""
    wait_for(lambda: held_by(ledger, machine), name=f"work on {machine.name}")
    fault()
    return wait_for(lambda: given_on(ledger, machine), name="another taking")


def test_hosts_that_come_and_go_lose_and_double_nothing(tmp_path: Path) -> None:
    with network(tmp_path) as net:
        store = shared_store(net)
        ledger = Ledger(connect(redis_of(store)))
        web = host(net, store, "web")
        web.run(web_command(web.address, 8000))
        first, second = host(net, store, "one"), host(net, store, "two")
        work(first)
        work(second)
        load = MixedLoad(
            f"http://{web.address}:8000", outstanding=min(24, JOBS // 6), most=JOBS,
            options={"quality": "draft", "steps": "8"},
        )  # fmt: skip
        wait_for(lambda: load.client.get("/healthz").status_code == 200, name="web")
        began, recovered = time.monotonic(), []

        def at(share: float) -> None:
            wait_for(lambda: len(load.accepted) >= share * JOBS, 600, name="load")

        with load.running():
            at(0.1)
            recovered.append(while_it_works(ledger, first, first.cut_off))
            time.sleep(max(0.0, CUT_SECONDS - recovered[-1]))
            first.connect()
            at(0.4)
            recovered.append(while_it_works(ledger, second, second.kill))
            at(0.5)
            third = host(net, store, "three")
            work(third)
            wait_for(lambda: held_by(ledger, third), name="work on the new host")
            at(0.7)
            first.cut_off()
            time.sleep(20.0)
            first.connect()
            wait_for(lambda: held_by(ledger, first), name="work on the host that is back")
            wait_for(lambda: load.all_in, 900, name="the rest")
        account = load.settle(300)
        unknown = load.unknown()
        took = time.monotonic() - began
        note(
            "a host cut off twice, one killed, one added", 4, account, recovered,
            f"{took:.0f} s; {len(load.too_late)} of {JOBS // 10} cancelled too late",
        )  # fmt: skip
    assert (account.lost, account.doubled) == (0, 0), account.why
    assert unknown == 0
    assert account.accepted == JOBS
