"""Large work goes where a GPU is, and waits for none that is gone, hangs or leaves."""

import base64
import json
from dataclasses import replace

import pytest

from workers.census import take_census
from workers.fleet import Member, announce
from workers.formats import FORMAT
from workers.janitor import LOST_MESSAGE_SECONDS, Janitor
from workers.jobs import GPU_QUEUES, QUEUES, Job
from workers.ledger import Ledger
from workers.removal import remove_job
from workers.routes import LONG_SECONDS, give_to_all, lists_of, message_queue
from workers.store import Store
from workers.submit import Submitter
from workers.workshop import Workshop

GPU = replace(Member.here(["gpu.slow", "slow"]), device="cuda", memory_bytes=8_000_000_000)
CPU = replace(Member.here(["slow"]), device="cpu")
LARGE = {"painter": "light", "size": 1024}


def job(**about: object) -> Job:
    return Job(**{"owner": "ann", "options": LARGE, "inputs": {}, "queue": "slow"} | about)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("what", "fleet", "queue"),
    [
        (job(), [CPU, GPU], "gpu.slow"),
        (job(options={"painter": "classic", "size": 64}), [GPU], "gpu.slow"),
        (job(options={"painter": "light", "size": 512}), [GPU], "slow"),
        (job(options={"painter": "light", "size": 64}, queue="quick"), [GPU], "quick"),
        (job(kind="dataset", options={"title": ""}), [GPU], "slow"),
        (job(kind="species", options={}, queue="quick"), [GPU], "quick"),
        (job(), [CPU], "slow"),
        (job(), [], "slow"),
        (job(), [replace(GPU, going=True)], "slow"),
        (job(), [replace(GPU, format=FORMAT - 1)], "slow"),
        (job(forecast={"memory_bytes": 9_000_000_000}), [GPU], "slow"),
        (job(kind="training", options={}, queue="training"), [GPU], "training"),
        (
            job(kind="training", options={}, queue="training"),
            [replace(GPU, queues=("gpu.training", "training"))],
            "gpu.training",
        ),
    ],
)
def test_where_a_message_goes(what: Job, fleet: list[Member], queue: str) -> None:
    assert message_queue(what, fleet) == queue
    assert queue in QUEUES + GPU_QUEUES


def ids(redis: Store, name: str) -> list[str]:
    """Of the jobs whose messages lie in a list, the next to be taken first."""
    texts = reversed(redis.lrange(name, 0, -1))
    return [json.loads(base64.b64decode(json.loads(each)["body"]))[0][0] for each in texts]


@pytest.fixture
def waiting(ledger: Ledger, redis: Store) -> list[str]:
    """Three large paintings, handed in while a GPU was there."""
    announce(ledger, GPU)
    made = [Submitter(ledger, 9).submit(job()).id for _ in range(3)]
    assert ids(redis, "merian:broker:gpu.slow") == made
    return made


def test_what_waits_for_a_gpu_that_is_there_is_left_to_it(
    waiting: list[str], ledger: Ledger, redis: Store, shop: Workshop
) -> None:
    for id in waiting:  # no message counts as lost for lying in the other list
        redis.hincrbyfloat(f"merian:job:{id}", "published_at", -LOST_MESSAGE_SECONDS - 1)
    Janitor(shop).remind()
    assert give_to_all(redis, take_census(ledger)) == 0
    assert ids(redis, "merian:broker:slow") == []


@pytest.mark.parametrize("how", ["killed", "going"])
def test_what_waits_for_gpus_that_are_gone_any_worker_gets_in_order(
    waiting: list[str], ledger: Ledger, redis: Store, how: str
) -> None:
    later = Submitter(ledger, 9).submit(job(options={"painter": "light", "size": 300})).id
    if how == "going":
        announce(ledger, replace(GPU, going=True))
    else:
        redis.delete("merian:workers")
    assert give_to_all(redis, take_census(ledger)) == 3
    assert ids(redis, "merian:broker:slow") == [*waiting, later]
    assert ids(redis, "merian:broker:gpu.slow") == []


def test_who_waits_long_for_a_gpu_goes_to_whoever_has_time_one_by_one(
    waiting: list[str], ledger: Ledger, redis: Store
) -> None:
    for id in waiting:
        redis.zincrby("merian:queue:slow", -LONG_SECONDS - 1, id)
    assert give_to_all(redis, take_census(ledger)) == 1
    assert give_to_all(redis, take_census(ledger)) == 0  # nobody has time
    assert ids(redis, "merian:broker:slow") == waiting[:1]
    redis.delete("merian:broker:slow")
    assert give_to_all(redis, take_census(ledger)) == 1
    assert ids(redis, "merian:broker:gpu.slow") == waiting[2:]


def test_a_removed_job_leaves_no_message(
    waiting: list[str], ledger: Ledger, redis: Store, shop: Workshop
) -> None:
    from workers.audit import Why

    remove_job(ledger, shop.store, shop.settings.data, ledger.get(waiting[1]), Why.OWNER)
    assert ids(redis, lists_of("slow")[1]) == [waiting[0], waiting[2]]
