"""Seconds a painting takes by size on this device: `python -m benchmarks.speed --help`.

Weights are loaded and every case was painted once before; the clock runs from the first `next` to
the last step. On CUDA with the peak of the device's memory and the share of its matrix peak.
"""

import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import click

from benchmarks import choices
from benchmarks.methods import Method, options_in
from benchmarks.pairs import Pair, pairs_in
from benchmarks.records import Record, Records
from benchmarks.tables import table
from models.threads import share_the_cores

if TYPE_CHECKING:
    from benchmarks.studio import Studio

ON_CPU = ("draft:256", "standard:128", "standard:256", "standard:512", "standard:1024")
ON_CUDA = ("standard:512", "standard:1024", "standard:2048", "standard:4096")


@click.command()
@click.option("--painter", "painters", multiple=True, default=("light",), show_default=True)
@click.option("--case", "cases", multiple=True, help="quality:size, several times.")
@click.option("--set", "settings", multiple=True, help="An option, name=value.")
@click.option("--rounds", type=int, default=3, show_default=True)
@click.option("--peak", type=float, default=0.0, help="The device's matrix peak in TFLOP/s.")
@choices.pictures
@choices.weights
@choices.device
@choices.precision
@choices.records
def main(
    painters: tuple[str, ...], cases: tuple[str, ...], settings: tuple[str, ...], rounds: int,
    peak: float, pictures: Path, weights: Path | None, device: str, precision: str | None,
    output: Path | None,
) -> None:  # fmt: skip
    """Time whole paintings."""
    share_the_cores()  # before anything loads torch
    from benchmarks.studio import Studio

    try:
        options = options_in(settings)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    studio, records, found = Studio(weights, device, precision), Records(output), []
    (pair,) = pairs_in(pictures, "1")
    for painter in painters:
        for case in cases or (ON_CUDA if studio.device.type == "cuda" else ON_CPU):
            quality, _, size = case.partition(":")
            method = Method(painter, painter, "strength", {"quality": quality, **options})
            key: Record = {"kind": "speed", "case": case, "device": studio.device_name,
                           "painter": painter, "precision": precision,
                           "changes": method.changes}  # fmt: skip
            if (record := records.find(key)) is None:
                record = key | timed(studio, method, pair, int(size), rounds, bool(peak))
                records.add(record)
            found.append(record)
    click.echo(told(found, peak))


def timed(
    studio: "Studio", method: Method, pair: Pair, size: int, rounds: int, counted: bool
) -> Record:
    """Medians over rounds, after one painting that does not count."""
    import torch

    found: Record = {}
    if counted:
        found["flop"] = studio.flop(method, pair, size)
    last = studio.whole(method, pair, size)
    on_cuda = studio.device.type == "cuda"
    if on_cuda:
        torch.cuda.reset_peak_memory_stats(studio.device)
    seconds, cpu = [], []
    for _ in range(rounds):
        begun, busy = studio.now(), time.process_time()
        studio.whole(method, pair, size)
        seconds.append(studio.now() - begun)
        cpu.append(time.process_time() - busy)
    if on_cuda:
        found["memory"] = torch.cuda.max_memory_allocated(studio.device)
    return found | {
        "width": last.width, "height": last.height, "evaluations": last.step,
        "seconds": round(median(seconds), 3), "cpu": round(median(cpu), 3),
    }  # fmt: skip


def told(found: list[Record], peak: float) -> str:
    head = ["painter", "case", "painting", "evaluations", "seconds", "CPU seconds"]
    head += ["memory, MB", "share of peak"]
    rows = []
    for record in found:
        share = record.get("flop", 0) / (record["seconds"] * peak * 1e12) if peak else 0.0
        rows.append([
            record["painter"], record["case"], f"{record['width']} x {record['height']}",
            str(record["evaluations"]), f"{record['seconds']:.2f}", f"{record['cpu']:.2f}",
            f"{record['memory'] / 1e6:.0f}" if "memory" in record else "—",
            f"{share:.1%}" if share else "—",
        ])  # fmt: skip
    return table(head, rows)


if __name__ == "__main__":
    main()
