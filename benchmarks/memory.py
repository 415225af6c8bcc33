"""Peak memory against the forecast: `python -m benchmarks.memory --case light:1024`.

Every case paints in a process of its own, whose peak resident size is what the system says at its
end. This process loads no torch: a child's peak begins with its parent's.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import click

from benchmarks import choices
from benchmarks.methods import Method, options_in
from benchmarks.pairs import Pair, pairs_in
from benchmarks.records import Record, Records
from benchmarks.tables import table
from models.images import open_picture
from models.threads import share_the_cores


@click.command()
@click.option("--case", "cases", multiple=True, default=("light:512", "light:1024"),
              help="painter:size, several times.")  # fmt: skip
@click.option("--set", "settings", multiple=True, help="An option, name=value: steps=4.")
@choices.pictures
@choices.weights
@choices.device
@choices.records
@click.option("--alone", is_flag=True, hidden=True, help="This is the process that paints.")
def main(
    cases: tuple[str, ...], settings: tuple[str, ...], pictures: Path, weights: Path | None,
    device: str, output: Path | None, alone: bool,
) -> None:  # fmt: skip
    """Paint each case in a process of its own."""
    (pair,) = pairs_in(pictures, "1")
    try:
        options = options_in(settings)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if alone:
        click.echo(json.dumps(_paint(_method(cases[0], options), pair, cases[0], weights, device)))
        return
    records, found = Records(output), []
    for case in cases:
        key: Record = {"kind": "memory", "case": case, "changes": options}
        record = records.find(key)
        if record is None:
            expected = _forecast(case, options, pair)
            child = _child(case, settings, pictures, weights, device)
            record = key | child | {"forecast": expected}
            records.add(record)
        found.append(record)
    click.echo(told(found))


def told(found: list[Record]) -> str:
    """Peaks and forecasts as a table."""
    rows = []
    for record in found:
        ahead = record["forecast"] / record["bytes"] - 1.0
        rows.append([
            record["case"], f"{record['width']} x {record['height']}", f"{record['seconds']:.0f}",
            f"{record['bytes'] / 1e6:.0f}", f"{record['forecast'] / 1e6:.0f}", f"{ahead:+.1%}",
        ])  # fmt: skip
    return table(["case", "painting", "seconds", "peak, MB", "forecast, MB", "error"], rows)


def _method(case: str, options: Record) -> Method:
    return Method(case, case.partition(":")[0], "strength", options)


def _size(case: str) -> int:
    return int(case.partition(":")[2])


def _forecast(case: str, options: Record, pair: Pair) -> int:
    from models.style.forecast import forecast

    photograph = open_picture(pair.content)
    chosen = _method(case, options).options_for(_size(case))
    return int(forecast(chosen, *photograph.size).bytes)


def _child(
    case: str, settings: tuple[str, ...], pictures: Path, weights: Path | None, device: str
) -> Record:
    """What a fresh process says of one case."""
    command = [sys.executable, "-m", "benchmarks.memory", "--alone", f"--case={case}",
               f"--pictures={pictures}", f"--device={device}"]  # fmt: skip
    command += [f"--set={setting}" for setting in settings]
    command += [f"--weights={weights}"] if weights else []
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: Record = json.loads(done.stdout)
    return found


def _paint(method: Method, pair: Pair, case: str, weights: Path | None, device: str) -> Record:
    """A whole painting; the peak and the seconds of it."""
    share_the_cores()  # before anything loads torch
    from benchmarks.studio import Studio

    studio = Studio(weights, device)
    begun = studio.now()
    for step in studio.paint(method, pair, _size(case)):
        last = step
    picture = last.picture()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "width": picture.width, "height": picture.height, "evaluations": last.step,
        "seconds": round(time.perf_counter() - begun, 2),
        "bytes": peak * (1 if sys.platform == "darwin" else 1024),
    }  # fmt: skip


if __name__ == "__main__":
    main()
