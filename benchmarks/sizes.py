"""Whether one strength means one look: `python -m benchmarks.sizes --help`.

Pairs are painted small and large; the large painting is scaled down, and the independent judge
compares both with the style at the small size.
"""

from collections.abc import Iterable
from pathlib import Path
from statistics import median

import click

from benchmarks import choices
from benchmarks.methods import OURS, method_called
from benchmarks.pairs import FOR_SIZES, pairs_in
from benchmarks.records import Record, Records
from benchmarks.tables import table
from models.threads import share_the_cores


@click.command()
@choices.pictures
@click.option("--pairs", "which", default=str(FOR_SIZES), help="fixed, all, or how many.")
@click.option("--size", "sizes", type=(int, int), default=(512, 2048), show_default=True)
@click.option("--method", "name", type=click.Choice(OURS), default="light", show_default=True)
@click.option("--strength", type=float, default=0.5, show_default=True)
@choices.vgg
@choices.weights
@choices.device
@choices.records
@choices.keep
def main(
    pictures: Path, which: str, sizes: tuple[int, int], name: str, strength: float, vgg: str,
    weights: Path, device: str, output: Path | None, keep: Path | None,
) -> None:  # fmt: skip
    """Paint small and large, and compare."""
    share_the_cores()  # before anything loads torch
    from benchmarks.judge import judge_in
    from benchmarks.measure import paint_and_judge
    from benchmarks.studio import Studio

    if weights is None:
        raise click.UsageError("Say where the judge's resnet50* is: --weights FOLDER.")
    method, records = method_called(name, vgg), Records(output)
    studio = Studio(weights, device)
    judge, pairs = judge_in(weights, studio.device), pairs_in(pictures, which)
    for size in sizes:
        paint_and_judge(studio, judge, records, pairs, size, [(method, strength)], click.echo, keep)
    asked = {"kind": "painting", "method": name, "point": method.point(strength)}
    found = [{size: records.find({**asked, "pair": pair.name, "size": size}) for size in sizes}
             for pair in pairs]  # fmt: skip
    click.echo(compared(found, *sizes))


def compared(found: Iterable[dict[int, Record | None]], small: int, large: int) -> str:
    """Style distances of each pair's two paintings, and how far they differ."""
    rows, differences = [], []
    for records in found:
        one, other = records[small], records[large]
        if one is None or other is None:
            continue
        ratio = other["style"] / one["style"]
        differences.append(abs(ratio - 1.0))
        rows.append([one["pair"], f"{one['style']:.3f}", f"{other['style']:.3f}", f"{ratio:.3f}"])
    text = table(["pair", f"style, {small} px", f"style, {large} px", "ratio"], rows)
    return f"{text}\n\nMedian difference: {median(differences):.1%} over {len(rows)} pairs."


if __name__ == "__main__":
    main()
