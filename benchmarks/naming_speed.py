"""How fast species are named: `python -m benchmarks.naming_speed --photographs DIR`.

On the real thing: `merian up` in a process of its own, asked over HTTP by one client and by many at
once; then the command for whole folders, start and loading included.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import click
import httpx

from benchmarks.choices import FILE, FOLDER
from benchmarks.tables import table

MERIAN = [sys.executable, "-m", "commands.main"]
WARM_UP = 8


@click.command()
@click.option("--photographs", type=FOLDER, required=True, help="JPEG files, in folders or not.")
@click.option("--requests", default=60, show_default=True, help="One after another.")
@click.option("--clients", default=16, show_default=True, help="At the same time, five each.")
@click.option("--batch", default=300, show_default=True, help="Photographs for the command.")
@click.option("--json", "output", type=FILE, help="Write the figures here.")
def main(photographs: Path, requests: int, clients: int, batch: int, output: Path | None) -> None:
    """Ask for names over HTTP and on the command line."""
    paths = sorted(photographs.rglob("*.jpg"))[:batch]
    with tempfile.TemporaryDirectory() as folder:
        environ = {name: text for name, text in os.environ.items() if name[:7] != "MERIAN_"}
        environ["MERIAN_DATA"] = folder
        # One client, as making one loads certificates for a time that is not the studio's.
        with studio(environ) as address, httpx.Client(base_url=address, timeout=60) as client:
            one_by_one = [ask(client, path) for path in cycled(paths, WARM_UP + requests)]
            seconds = [took for took, _ in one_by_one[WARM_UP:]]
            with ThreadPoolExecutor(clients) as pool:
                begun = time.perf_counter()
                many = list(pool.map(lambda path: ask(client, path), cycled(paths, 5 * clients)))
                crowd = time.perf_counter() - begun
        begun = time.perf_counter()
        table_file = Path(folder) / "answers.csv"
        command = [*MERIAN, "identify", *map(str, paths), "-o", str(table_file)]
        subprocess.run(command, env=environ, check=True, stderr=subprocess.DEVNULL)
        whole = time.perf_counter() - begun
        rows = len(table_file.read_text().splitlines()) - 1
    figures = {
        "one at a time, p50 (ms)": round(1000 * statistics.median(seconds)),
        "one at a time, p95 (ms)": round(1000 * statistics.quantiles(seconds, n=20)[-1]),
        f"{clients} clients, answered": sum(done for _, done in many),
        f"{clients} clients, asked": len(many),
        f"{clients} clients, answers a second": round(len(many) / crowd, 1),
        f"{clients} clients, p95 (ms)": round(
            1000 * statistics.quantiles([took for took, _ in many], n=20)[-1]
        ),
        "command, photographs": rows,
        "command, photographs a second": round(rows / whole, 1),
    }
    click.echo(table(("figure", "value"), [(name, str(value)) for name, value in figures.items()]))
    if output:
        output.write_text(json.dumps(figures, indent=1) + "\n")


def cycled(paths: Sequence[Path], count: int) -> list[Path]:
    return [paths[number % len(paths)] for number in range(count)]


def ask(client: httpx.Client, path: Path) -> tuple[float, bool]:
    """Seconds until the answer, and whether it is one."""
    begun = time.perf_counter()
    answer = client.post(
        "/api/v1/species",
        files={"image": (path.name, path.read_bytes())},
        headers={"Prefer": "wait=10"},
    )
    took = time.perf_counter() - begun
    return took, answer.status_code == 200 and answer.json()["state"] == "succeeded"


@contextmanager
def studio(environ: dict[str, str]) -> Iterator[str]:
    """`merian up` on a free port, ready to name; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        [*MERIAN, "up", "--port", str(port)], env=environ, stdout=quiet, stderr=quiet
    )
    try:
        for _ in range(300):
            time.sleep(0.3)
            try:
                if httpx.get(f"{address}/readyz", timeout=5).status_code == 200:
                    break
            except httpx.HTTPError:
                continue
        yield address
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    main()
