"""What came of several jobs, as the files of one archive."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from io import StringIO
from typing import Any

from app.jobs import painting
from app.services import services
from app.zips import Content
from workers.jobs import Job

Files = list[tuple[str, Content]]
TABLE = "names.csv"
COLUMNS = ("photograph", "name", "scientific_name", "rank", "probability")


def bundle(jobs: Iterable[Job]) -> Files:
    """Paintings, and photographs that were looked at with a table of their names.

    Named like single downloads. Of what failed, of data sets and of trainings there is nothing.
    """
    files: Files = []
    rows: list[dict[str, object]] = []
    for job in jobs:
        if made := painting(job):
            files += stored(f"merian-{job.id[:8]}{made.ending}", made.key)
        elif job.kind == "species" and job.result:
            photographs = list(looked_at(job))
            files += photographs
            rows += [row(name, job.result) for name, _ in photographs]
    return [*files, (TABLE, table(rows))] if rows else files


def looked_at(job: Job) -> Iterator[tuple[str, Content]]:
    for number, key in enumerate(job.inputs.values(), 1):
        yield from stored(f"merian-{job.id[:8]}-{number}.jpg", key)


def stored(name: str, key: str) -> Files:
    """The artifact; nothing where it was removed meanwhile."""
    store = services().store
    return [(name, partial(store.path, key))] if store.exists(key) else []


def row(photograph: str, said: Mapping[str, Any]) -> dict[str, object]:
    """What was found on a photograph; empty where it got no name."""
    found = {} if said["rejected"] else said["rollup"] or {}
    return {"photograph": photograph} | {name: found.get(name, "") for name in COLUMNS[1:]}


def table(rows: Iterable[dict[str, object]]) -> bytes:
    text = StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
