"""Strangers' files are harmless: ten thousand of them, each answered, none kept, none remembered.

JUNK is how many; the same number sends the same files.
"""

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from tests.faults.archives import archives
from tests.faults.junk import PATHS, Sent, form, junk, part
from tests.faults.served import Site, serving

COUNT = int(os.environ.get("JUNK", "10000"))
WARM = 300  # requests after which the web has loaded what it ever will
GROWS = 50_000_000  # bytes
ROOMY = {"MERIAN_QUEUE_LIMIT": "100000"}  # else the queue would refuse what should be looked at


def test_junk(tmp_path: Path) -> None:
    sent = junk(COUNT)
    with serving(tmp_path, **ROOMY) as site:
        answers = answers_to(site, sent[:WARM])
        before, started = site.resident(), time.monotonic()
        answers += answers_to(site, sent[WARM:])
        grown, spent = site.resident() - before, time.monotonic() - started
        assert httpx.get(f"{site.address}/healthz").status_code == 200
        left = site.left()
        log = site.log.read_text()
    statuses = Counter(answers)
    print(
        f"junk uploads: {len(sent)}, answers {dict(sorted(statuses.items()))}, web grew by "
        f"{grown / 1e6:.1f} MB, {len(left)} files left, {(len(sent) - WARM) / spent:.0f} a second"
    )
    assert [status for status in answers if status >= 500 or status == 0] == []
    assert statuses[202] and statuses[415] and statuses[422]
    assert grown < GROWS
    assert left == []
    assert "Traceback" not in log


def test_junk_archives(tmp_path: Path) -> None:
    """Two hundred, each taken in by a real worker or refused; nothing leaves the folder."""
    made = archives(200)
    with serving(tmp_path, queues="slow,training,quick", **ROOMY) as site:
        answers = Counter()
        ids = []
        with httpx.Client(base_url=site.address, timeout=120) as web:
            for data in made.values():
                one = form("/api/v1/datasets", part("archive", data, "a.zip", "application/zip"))
                answer = web.post(one.path, content=one.body, headers=one.headers)
                answers[answer.status_code] += 1
                if answer.status_code == 202:
                    ids.append(answer.json()["id"])
            ended = Counter(ended_as(site, id) for id in ids)
            for id in ids:
                assert web.delete(f"/api/v1/jobs/{id}").status_code == 204
        left = site.left()
        escaped = list(tmp_path.parent.rglob("*escaped*"))
    print(
        f"junk archives: {len(made)}, answers {dict(answers)}, ended {dict(ended)}, "
        f"{len(left)} files left"
    )
    assert not [status for status in answers if status >= 500]
    assert set(ended) <= {"unusable_dataset", "succeeded"}, ended
    assert left == []
    assert escaped == []


def ended_as(site: Site, id: str) -> str:
    """The code of its failure, or its state."""
    deadline = time.monotonic() + 300
    while not (job := site.ledger.get(id)).state.over:
        assert time.monotonic() < deadline, (job, site.log.read_text()[-2000:])
        time.sleep(0.05)
    return job.error.code if job.error else job.state.value


def answers_to(site: Site, sent: list[Sent]) -> list[int]:
    """The status of each answer, 0 where there was none; jobs that came of it are removed."""
    with (
        httpx.Client(base_url=site.address, timeout=120, trust_env=False) as web,
        ThreadPoolExecutor(6) as pool,
    ):
        return list(pool.map(lambda one: answer_to(web, one), sent))


def answer_to(web: httpx.Client, sent: Sent) -> int:
    try:
        answer = web.post(sent.path, content=sent.body, headers=sent.headers)
    except httpx.HTTPError as broken:
        print("no answer:", repr(broken), sent.path, sent.headers, sent.body[:200])
        return 0
    if answer.status_code >= 500:
        print(answer.status_code, sent.path, sent.headers, answer.text[:200])
    if answer.status_code == 202:
        gone = web.delete(f"/api/v1/jobs/{answer.json()['id']}")
        assert gone.status_code == 204
    return answer.status_code


def test_every_path_is_real(tmp_path: Path) -> None:
    """None of the addresses above is a place where nothing is, which would prove nothing."""
    with serving(tmp_path) as site:
        for path in PATHS:
            assert httpx.post(site.address + path).status_code in (415, 422), path
