"""How much one machine serves: `python -m benchmarks.capacity`.

The real stack (gunicorn, Valkey, workers, all on this machine, the clients too):

- submit: pictures of about `--megabytes` handed in at rates that rise, nobody painting: what the
  web can take. Late is late: a request waits from when it was due, not from when it was sent.
- owners: so many owners hand in a small painting, watch its events, fetch it and begin again:
  where more owners get no more paintings is the knee.
- reads: requests a second of a core of the web.
"""

import json
import os
import platform
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import click
from PIL import Image, ImageOps

from benchmarks.choices import FILE
from benchmarks.load import Client, Form, closed_loop, open_loop, percentile
from benchmarks.pairs import SAMPLES
from benchmarks.site import Site, site
from benchmarks.tables import table

SMALL = {"style_sample": "waves", "size": "64", "quality": "draft"}
READS = ("/healthz", "/api/v1/jobs/{id}", "/jobs/{id}", "/api/v1/jobs", "/jobs", "/art")


@dataclass(frozen=True)
class Submission:
    """What handing in at a rate came to. Milliseconds; CPU milliseconds a submission."""

    rate: float
    accepted: int
    refused: int
    p50: float
    p99: float
    web: float


@dataclass(frozen=True)
class Crowd:
    """What so many owners got. Milliseconds; `cpu` is seconds of all processes a painting."""

    owners: int
    a_second: float
    submit: float
    whole: float
    fetch: float
    cpu: float


@dataclass(frozen=True)
class Read:
    path: str
    a_second: float
    """Of a core that does nothing else."""
    p99: float


@click.command()
@click.option(
    "--rates", default="10,20,30,40,50,60", show_default=True, help="Submissions a second."
)
@click.option("--owners", default="1,2,4,8,16,32", show_default=True, help="At the same time.")
@click.option("--seconds", default=20.0, show_default=True, help="For each rate and each crowd.")
@click.option("--megabytes", default=1.0, show_default=True, help="Of a picture that is handed in.")
@click.option("--web", default=1, show_default=True, help="Processes of the web.")
@click.option("--json", "output", type=FILE, help="Write the figures here.")
def main(
    rates: str, owners: str, seconds: float, megabytes: float, web: int, output: Path | None
) -> None:
    """Hand in, watch and fetch until it is too much."""
    click.echo(f"{platform.machine()}, {os.cpu_count()} cores, {web} process(es) of the web\n")
    picture = photograph(megabytes)
    found: dict[str, list[Any]] = {}
    with tempfile.TemporaryDirectory() as folder, site(Path(folder), web) as at:
        submissions = submit(
            at, picture, [float(each) for each in rates.split(",") if each], seconds
        )
        found["submit"] = shown(submissions)
    with tempfile.TemporaryDirectory() as folder, site(Path(folder), web, ("quick",)) as at:
        found["owners"] = shown(crowds(at, [int(n) for n in owners.split(",") if n], seconds))
        found["reads"] = shown(reads(at, seconds / 4))
    if output:
        output.write_text(json.dumps(found, indent=1) + "\n")


def shown(rows: Iterator[Any]) -> list[dict[str, Any]]:
    """Each row as it comes, then the table."""
    all: list[dict[str, Any]] = []
    for row in rows:
        all.append(asdict(row))
        click.echo(f"  {all[-1]}", err=True)
    if all:
        cells = [[f"{each:.4g}" if isinstance(each, float) else str(each) for each in row.values()]
                 for row in all]  # fmt: skip
        click.echo(table(list(all[0]), cells) + "\n")
    return all


def photograph(megabytes: float) -> bytes:
    """A JPEG of about that size: the samples side by side, some 3 million pixels a megabyte."""
    paths = sorted(each for each in (SAMPLES / "content").glob("*.jpg") if "thumb" not in each.name)
    side = round(700 * megabytes**0.5)
    whole = Image.new("RGB", (3 * side, 2 * side))
    for number, path in enumerate(paths[:6]):
        with Image.open(path) as sample:
            whole.paste(ImageOps.fit(sample, (side, side)), (number % 3 * side, number // 3 * side))
    for quality in range(70, 101):
        data = BytesIO()
        whole.save(data, "JPEG", quality=quality)
        if data.tell() >= megabytes * 1e6:
            break
    return data.getvalue()


def submit(at: Site, picture: bytes, rates: list[float], seconds: float) -> Iterator[Submission]:
    form = Form.of(SMALL, {"content": picture})

    def act(client: Client) -> int:
        return client.post("/api/v1/art", form)[0]

    open_loop(5, 3, at.address, act)  # decoders start with the first
    for rate in rates:
        before = at.computed()["web"]
        took, statuses = open_loop(rate, seconds, at.address, act)
        used = at.computed()["web"] - before
        count = Counter(statuses)
        yield Submission(
            rate, count[202], len(statuses) - count[202], 1000 * median(took),
            1000 * percentile(took, 0.99), 1000 * used / len(took),
        )  # fmt: skip


def crowds(at: Site, owners: list[int], seconds: float) -> Iterator[Crowd]:
    form = Form.of(SMALL | {"content_sample": "nautilus"}, {})

    def act(client: Client) -> tuple[float, float, float]:
        begun = time.perf_counter()
        status, job = client.post("/api/v1/art", form)
        assert status == 202, job
        taken = time.perf_counter()
        with client.events(job["links"]["events"]) as events:
            last = [event["state"] for event in events][-1]
        assert last == "succeeded", last
        done = time.perf_counter()
        status, _ = client.get(job["links"]["result"])
        assert status == 200
        return taken - begun, done - taken, time.perf_counter() - done

    closed_loop(1, 5, at.address, act)  # the painter is loaded with the first
    for count in owners:
        before, begun = sum(at.computed().values()), time.perf_counter()
        done = closed_loop(count, seconds, at.address, act)
        spent = time.perf_counter() - begun
        used = sum(at.computed().values()) - before
        submitted, whole, fetched = (list(each) for each in zip(*done, strict=True))
        yield Crowd(
            count, len(done) / spent, 1000 * percentile(submitted, 0.99), 1000 * median(whole),
            1000 * percentile(fetched, 0.99), used / len(done),
        )  # fmt: skip


def reads(at: Site, seconds: float) -> Iterator[Read]:
    (job,) = at.ledger.newest(1)
    for form in READS:
        path = form.format(id=job.id)

        def act(client: Client, path: str = path) -> float:
            begun = time.perf_counter()
            status, _ = client.get(path)
            assert status == 200, (path, status)
            return time.perf_counter() - begun

        before = at.computed()["web"]
        took = closed_loop(4, seconds, at.address, act)
        used = at.computed()["web"] - before
        yield Read(form, len(took) / used, 1000 * percentile(took, 0.99))


if __name__ == "__main__":
    main()
