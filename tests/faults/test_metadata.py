"""No place, no camera, no comment in anything that is kept or given out.

Photographs that tell everything go in, in every container, through the real web and real workers;
every file that comes of them is looked at. METADATA is how many files at least.
"""

import os
import zipfile
from collections import Counter
from io import BytesIO
from itertools import count
from pathlib import Path

import httpx

from models.style.output import FORMATS
from tests.faults.containers import MARK, NAME, telling
from tests.faults.junk import form, part
from tests.faults.planted import marks_in, told_by
from tests.faults.served import Site, serving
from tests.faults.test_junk import ended_as

COUNT = int(os.environ.get("METADATA", "1000"))
PICTURES = (".jpg", ".png", ".webp", ".tif")
KINDS = {
    b"\x89PNG": "PNG", b"\xff\xd8\xff\xe0": "JPEG", b"RIFF": "WebP", b"II*\0": "TIFF",
}  # fmt: skip
SHORT = (("size", b"64"), ("steps", b"20"), ("scales", b"1"))


def test_the_search_finds_what_was_planted() -> None:
    """In every container, or finding nothing would mean nothing."""
    planted = {kind: marks_in(data) for kind, data in telling(0)}
    assert min(planted.values()) >= 2, planted
    assert planted["jpg"] >= 9 and planted["png"] >= 9
    for kind, data in telling(0):
        if kind in ("jpg", "png", "webp", "tif"):
            assert len(told_by(data)) >= 3, kind


def test_nothing_is_told(tmp_path: Path) -> None:
    looked: Counter[str] = Counter()
    told: Counter[str] = Counter()
    went_in: Counter[str] = Counter()
    with serving(tmp_path, queues="slow,quick,training") as site:
        ids = [painted(site, number, went_in) for number in range(2 * len(FORMATS) + 5)]
        ids.append(taken_in(site, went_in))
        for number in count(100):
            look_at(site, ids, looked, told)
            ids = [named(site, number, went_in)]
            if looked.total() >= COUNT:
                break
        behind = [
            path.name for path in tmp_path.rglob("*")
            if path.is_file() and MARK.encode() in path.read_bytes()
        ]  # fmt: skip
    print(
        f"pictures that tell everything: {went_in.total()} in {dict(went_in)}; looked at "
        f"{looked.total()} files and answers {dict(looked)}; telling anything: {dict(told)}"
    )
    assert looked.total() >= COUNT
    assert not told
    assert behind == []  # neither in a log nor in the store: names of files are not kept either


def painted(site: Site, number: int, went_in: Counter[str]) -> str:
    """A painting whose photograph and whose style are of the next containers in turn."""
    kinds = list(telling(number))
    content, style = kinds[number % len(kinds)], kinds[(number + 3) % len(kinds)]
    went_in.update((content[0], style[0]))
    parts = [part(name, data, f"{NAME}.{kind}") for name, (kind, data) in
             (("content", content), ("style", style))]  # fmt: skip
    made = list(FORMATS)[number % len(FORMATS)].encode()
    words = [part(name, value) for name, value in (*SHORT, ("format", made))]
    return handed_in(site, "/api/v1/art", *parts, *words)


def named(site: Site, number: int, went_in: Counter[str]) -> str:
    """Photographs in all containers as one observation."""
    kinds = list(telling(number))
    went_in.update(kind for kind, _ in kinds)
    parts = [part("image", data, f"{NAME}.{kind}") for kind, data in kinds]
    return handed_in(site, "/api/v1/species", *parts)


def taken_in(site: Site, went_in: Counter[str]) -> str:
    """A data set of two classes."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(6):
            for kind, data in telling(200 + 7 * number):
                went_in[kind] += 1
                archive.writestr(f"{('rose', 'daisy')[number % 2]}/{number}.{kind}", data)
    return handed_in(site, "/api/v1/datasets", part("archive", made.getvalue(), "flowers.zip"))


def handed_in(site: Site, path: str, *parts: bytes) -> str:
    sent = form(path, *parts)
    answer = httpx.post(site.address + path, content=sent.body, headers=sent.headers, timeout=60)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def look_at(site: Site, ids: list[str], looked: Counter[str], told: Counter[str]) -> None:
    """Every file of these jobs, and every picture that the web gives out; the jobs go then."""
    for id in ids:
        assert ended_as(site, id) == "succeeded"
        answer = httpx.get(f"{site.address}/api/v1/jobs/{id}").json()
        links = [link for link in (answer["links"]["result"], answer["links"]["preview"]) if link]
        given = [
            httpx.get(site.address + link) for link in [*links, *answer["links"]["inputs"].values()]
        ]
        kept = (site.store.root / f"jobs/{id}").rglob("*")
        files = [path.read_bytes() for path in kept if path.suffix in PICTURES]
        files += [
            each.content for each in given if each.headers["Content-Type"].startswith("image/")
        ]
        for data in files:
            looked[KINDS[data[:4]]] += 1
            told.update(told_by(data))
        assert httpx.delete(f"{site.address}/api/v1/jobs/{id}").status_code == 204
