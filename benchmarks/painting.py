"""How good our paintings are and how long they take: `python -m benchmarks.painting --help`.

Paintings of many pairs over a sweep of strengths are judged by a network that no painter
optimises. Every painting is recorded in `--json FILE` at once; run again, what is there is not
repeated. `--times` measures seconds instead; `--report` and `--plot` need the file alone.
"""

from dataclasses import replace
from pathlib import Path

import click

from benchmarks import choices
from benchmarks.methods import (
    BASELINE,
    BETAS,
    NAMES,
    OURS,
    STRENGTHS,
    Method,
    changed,
    method_called,
    options_in,
    recipe_in,
)
from benchmarks.pairs import Pair, pairs_in
from benchmarks.records import Records
from benchmarks.report import REFERENCE
from benchmarks.report import plot as drawn
from benchmarks.report import report as told
from models.threads import share_the_cores


@click.command()
@choices.pictures
@click.option("--pairs", "which", default="fixed", help="fixed (10 by rule), all, or how many.")
@click.option("--size", "sizes", type=int, multiple=True, default=(256,))
@click.option("--method", "names", type=click.Choice(NAMES), multiple=True)
@choices.vgg
@click.option("--strength", "strengths", type=float, multiple=True, default=STRENGTHS)
@click.option("--beta", "betas", type=float, multiple=True, default=BETAS)
@click.option("--set", "options", multiple=True, help="An option for every method, name=value.")
@click.option("--recipe", multiple=True, help="A constant of every method's recipe, name=value.")
@click.option("--label", default="", help="What to call methods changed so.")
@choices.weights
@choices.device
@choices.precision
@choices.records
@click.option("--again", is_flag=True, help="Skip nothing; the latest record counts.")
@choices.keep
@click.option("--times", is_flag=True, help="Measure seconds, not distances.")
@click.option("--report", is_flag=True, help="Only the tables of what is recorded.")
@click.option("--only", multiple=True, help="Report and draw these methods alone, by name.")
@click.option("--reference", default=REFERENCE, show_default=True, help="What areas are over.")
@click.option("--plot", type=choices.FILE, help="Draw the fronts of the first size as an SVG.")
def main(
    pictures: Path, which: str, sizes: tuple[int, ...], names: tuple[str, ...], vgg: str,
    strengths: tuple[float, ...], betas: tuple[float, ...], options: tuple[str, ...],
    recipe: tuple[str, ...], label: str, weights: Path | None, device: str, precision: str | None,
    output: Path | None, again: bool, keep: Path | None, times: bool, report: bool,
    only: tuple[str, ...], reference: str, plot: Path | None,
) -> None:  # fmt: skip
    """Paint, judge and compare."""
    records = Records(output)
    if not report:
        chosen = names or ((*OURS, BASELINE) if times else NAMES)
        try:
            pairs = pairs_in(pictures, which)
            changes = options_in(options), recipe_in(recipe)
            methods = [changed(method_called(name, vgg), *changes, label) for name in chosen]
            if precision:
                methods = [replace(each, name=f"{each.name} {precision}") for each in methods]
            for size in sizes:
                methods[0].options_for(size)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        if times:
            _time(records, pairs, sizes, methods, weights, device, precision, again)
        else:
            values = {"strength": strengths, "beta": betas}
            swept = [(method, value) for method in methods for value in values[method.swept]]
            _judge(records, pairs, sizes, swept, weights, device, precision, keep, again)
    shown = [r for r in records.all if not only or r.get("method") in (None, *only)]
    click.echo(told(shown, reference))
    if plot:
        plot.write_text(drawn(shown, sizes[0]))


def _judge(
    records: Records, pairs: list[Pair], sizes: tuple[int, ...],
    swept: list[tuple[Method, float]], weights: Path | None, device: str, precision: str | None,
    keep: Path | None, again: bool,
) -> None:  # fmt: skip
    if weights is None:
        raise click.UsageError("Say where the judge's resnet50* is: --weights FOLDER.")
    share_the_cores()  # before anything loads torch
    from benchmarks.judge import judge_in
    from benchmarks.measure import paint_and_judge
    from benchmarks.studio import Studio

    studio = Studio(weights, device, precision)
    judge = judge_in(weights, studio.device)
    for size in sizes:
        paint_and_judge(studio, judge, records, pairs, size, swept, click.echo, keep, again)


def _time(
    records: Records, pairs: list[Pair], sizes: tuple[int, ...], methods: list[Method],
    weights: Path | None, device: str, precision: str | None, again: bool,
) -> None:  # fmt: skip
    share_the_cores()  # before anything loads torch
    from benchmarks.studio import Studio
    from benchmarks.timing import time_all

    studio = Studio(weights, device, precision)
    for size in sizes:
        time_all(studio, records, pairs, size, methods, click.echo, again)


if __name__ == "__main__":
    main()
