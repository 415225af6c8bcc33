"""A painter is frozen for longer than its lease, another finishes its work, and then it wakes."""

import signal
import time
from pathlib import Path

from tests.faults.load import Load
from tests.faults.report import note, times
from tests.faults.stack import Part, stack, wait_for
from workers.holders import Holder

FREEZES = times("FREEZES", 3)
LEASE = 5


def held_by(part: Part, holder: str) -> bool:
    painter = part.painter()
    return bool(painter and holder and Holder.parse(holder).process == painter.pid)


def has_heard(log: Path, id: str) -> bool:
    """Whether a worker has ended its attempt: by itself, or in mid-step with its process."""
    endings = ("taken over by another worker", "left in mid-step")
    lines = [line for line in log.read_text().splitlines() if id in line]
    return any(ending in line for line in lines for ending in endings)


def test_a_zombie_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    """Both workers are of one machine, so the frozen one is alive to all who look."""
    recovered = []
    with stack(tmp_path, MERIAN_LEASE_SECONDS=str(LEASE)) as running:
        running.web()
        workers = [running.worker(), running.worker()]
        for worker in workers:
            wait_for(worker.painter, name="a painter")
        load = Load(running.address, size=160)
        for _ in range(FREEZES):
            id = load.until_accepted()
            job = f"merian:job:{id}"
            wait_for(lambda id=id: running.ledger.get(id).preview, name="a preview")
            first = int(running.redis.hget(job, "fence") or 0)
            holder = running.redis.hget(job, "holder") or ""
            [victim] = [worker for worker in workers if held_by(worker, holder)]
            painter = victim.painter()
            assert painter
            painter.send_signal(signal.SIGSTOP)
            frozen = time.time()
            try:
                recovered.append(
                    wait_for(lambda m=frozen: running.taken_since(m), name="another taking")
                )
                wait_for(lambda id=id: running.ledger.get(id).state.over, name="the other's end")
            finally:
                painter.send_signal(signal.SIGCONT)
            result = running.ledger.get(id).result
            assert result and f"/{first}/" not in result["key"]
            wait_for(lambda id=id, log=victim.log: has_heard(log, id), 30, "the zombie's end")
            after = running.ledger.get(id)
            assert after.result == result and after.state.value == "succeeded"
            left = running.store.below(f"jobs/{id}/{first}")
            shown = after.preview["key"] if after.preview else ""
            assert [key for key in left if key != shown] == []
            assert len(list((tmp_path / "artifacts" / "jobs" / id).rglob("painting.*"))) == 1
        account = load.settle()
        note(f"frozen longer than its lease ({LEASE} s)", FREEZES, account, recovered)
    assert (account.lost, account.doubled) == (0, 0), account.why
