"""Clients of other APIs on the real thing: real photographs, a real worker, nothing kept."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.samples import FOLDER
from tests.e2e.conftest import Stack

pytestmark = pytest.mark.stack

SECONDS = 90.0
NAMES = {"chelsea": "Felis catus", "nautilus": "Nautilus"}
THINGS = ("coffee", "rocket")
Send = Callable[..., httpx.Response]


def files(field: str, *samples: str) -> list[tuple[str, tuple[str, bytes, str]]]:
    return [(field, (f"{name}.jpg", photograph(name), "image/jpeg")) for name in samples]


def photograph(sample: str) -> bytes:
    return (FOLDER / "content" / f"{sample}.jpg").read_bytes()


@pytest.fixture
def send(stack: Stack) -> Iterator[Send]:
    """Posts as a program does. Afterwards there are the jobs and files that there were before."""
    before = kept(stack)
    with httpx.Client(base_url=stack.address, timeout=SECONDS) as client:
        yield client.post
        assert not client.cookies
    assert kept(stack) == before


def kept(stack: Stack) -> tuple[set[str], set[Path], dict[str, int]]:
    jobs = {job.id for job in stack.ledger.newest(1000)}
    return jobs, set(stack.store.root.rglob("*.*")), stack.ledger.counts()


@pytest.mark.parametrize("sample", NAMES)
def test_the_course(send: Send, sample: str) -> None:
    answer = send("/api", data={"mode": "localfile"}, files=files("0", sample))
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["status"], said["pred_lab"][0]) == ("OK", NAMES[sample])
    assert said["pred_prob"][0] > 0.5
    assert {len(each) for name, each in said.items() if name != "status"} == {5}


@pytest.mark.parametrize("sample", THINGS)
def test_the_course_cannot_reject_and_says_little(send: Send, sample: str) -> None:
    said = send("/api", data={"mode": "localfile"}, files=files("0", sample)).json()
    assert sum(said["pred_prob"]) < 0.5


@pytest.mark.parametrize("sample", NAMES)
def test_deepaas(send: Send, sample: str) -> None:
    answer = send("/v2/models/wildlife/predict/", files=files("data", sample))
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["status"] == "OK"
    assert said["predictions"]["labels"][0] == NAMES[sample]
    assert said["predictions"]["probabilities"][0] > 0.5


@pytest.mark.parametrize("sample", NAMES)
def test_plantnet(send: Send, sample: str) -> None:
    query = {"api-key": "123456", "nb-results": "3", "lang": "es"}
    answer = send("/v2/identify/all", params=query, files=files("images", sample))
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    assert said["bestMatch"] == NAMES[sample]
    assert 1 <= len(said["results"]) <= 3
    assert said["results"][0]["score"] > 0.5


def test_plantnet_with_five_images(send: Send) -> None:
    form = {"organs": ["auto"] * 5}
    answer = send("/v2/identify/wildlife", data=form, files=files("images", *["chelsea"] * 5))
    assert answer.json()["bestMatch"] == "Felis catus"


@pytest.mark.parametrize("sample", THINGS)
def test_plantnet_rejects(send: Send, sample: str) -> None:
    answer = send("/v2/identify/all", files=files("images", sample))
    assert answer.status_code == 404
    assert answer.json() == {
        "statusCode": 404,
        "error": "Not Found",
        "message": "Species not found",
    }
    anyway = send("/v2/identify/all?no-reject=true", files=files("images", sample))
    assert anyway.status_code == 200
    assert anyway.json()["results"]


def test_many_at_once_get_each_their_own(send: Send) -> None:
    """A worker looks at the photographs of several jobs together."""
    asked = ["chelsea", "nautilus"] * 6
    with ThreadPoolExecutor(len(asked)) as threads:
        sent = [threads.submit(send, "/v2/identify/all", files=files("images", x)) for x in asked]
    answers = [each.result().json()["bestMatch"] for each in sent]
    assert answers == [NAMES[sample] for sample in asked]
