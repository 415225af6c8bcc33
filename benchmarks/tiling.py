"""Tiles change nothing, and what they cost: `python -m benchmarks.tiling --help`.

One evaluation of the whole loss with its gradient: seen whole, and seen in the tiles that large
paintings are seen in, by turns.
"""

from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import click

from benchmarks import choices
from benchmarks.methods import OURS, method_called
from benchmarks.pairs import pairs_in
from benchmarks.records import Record, Records
from benchmarks.tables import table
from models.threads import share_the_cores

if TYPE_CHECKING:
    import torch
    from PIL import Image

    from benchmarks.studio import Studio
    from models.style.objective import Objective
    from models.style.painters import Painter

WHOLE, TILED = 10**9, 0  # pixels up to which a picture is seen whole


@click.command()
@choices.pictures
@click.option("--size", "sizes", multiple=True, default=("523x701", "701x1003"), help="WxH.")
@click.option("--method", "names", type=click.Choice(OURS), multiple=True, default=OURS)
@click.option("--rounds", type=int, default=3, show_default=True)
@choices.vgg
@choices.weights
@choices.device
@choices.records
def main(
    pictures: Path, sizes: tuple[str, ...], names: tuple[str, ...], rounds: int, vgg: str,
    weights: Path | None, device: str, output: Path | None,
) -> None:  # fmt: skip
    """Compare one evaluation seen whole with the same in tiles."""
    share_the_cores()  # before anything loads torch
    from benchmarks.studio import Studio, picture
    from models.images import resize

    studio, records, found = Studio(weights, device), Records(output), []
    (pair,) = pairs_in(pictures, "1")
    for name in names:
        painter = studio.painter(method_called(name, vgg))
        for size in sizes:
            key: Record = {"kind": "tiling", "method": name, "picture": size}
            if (record := records.find(key)) is None:
                width, height = (int(side) for side in size.split("x"))
                photograph = resize(picture(pair.content), width, height)
                objective, x = one_scale(painter, photograph, picture(pair.style))
                record = key | compared(studio, objective, x, rounds)
                records.add(record)
            found.append(record)
    click.echo(told(found))


def one_scale(
    painter: "Painter", photograph: "Image.Image", style: "Image.Image"
) -> "tuple[Objective, torch.Tensor]":
    """The loss at the photograph's own size, and a picture some way from it."""
    import torch

    from models.style.manner import study
    from models.style.objective import Objective, remember
    from models.style.options import PaintOptions
    from models.style.regions import everywhere
    from models.style.sight import Sight
    from models.tensors import to_tensor

    recipe = painter.recipe
    network = painter.network.pooled("average", rescaled=True)
    sight = Sight(network, list({**recipe.style, **recipe.content}), recipe.margin, WHOLE)
    manner = study(replace(sight, taps=list(recipe.style)), to_tensor(style, painter.device))
    region = everywhere([manner], [1.0], list(recipe.style), about_mean=True)
    content = to_tensor(photograph, painter.device)
    kept = remember(sight, content, recipe.content)
    noise = torch.randn(content.shape, generator=torch.Generator().manual_seed(1))
    objective = Objective(sight, recipe, PaintOptions(), content, kept, [region])
    return objective, content + 0.1 * noise.to(content)


def compared(studio: "Studio", whole: "Objective", x: "torch.Tensor", rounds: int) -> Record:
    """Relative error of the tiled gradient, and median seconds of both ways."""
    ways = whole, replace(whole, sight=replace(whole.sight, whole=TILED))
    gradient, in_tiles = (way.evaluate(x)[1] for way in ways)
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for way, times in zip(ways, seconds, strict=True):
            begun = studio.now()
            way.evaluate(x)
            times.append(studio.now() - begun)
    return {
        "error": ((in_tiles - gradient).norm() / gradient.norm()).item(),
        "whole": median(seconds[0]),
        "tiled": median(seconds[1]),
    }


def told(found: list[Record]) -> str:
    head = ["method", "picture", "relative error", "seconds whole", "seconds tiled", "ratio"]
    rows = [
        [r["method"], r["picture"], f"{r['error']:.1e}", f"{r['whole']:.2f}", f"{r['tiled']:.2f}",
         f"{r['tiled'] / r['whole']:.2f}"]
        for r in found
    ]  # fmt: skip
    return table(head, rows)


if __name__ == "__main__":
    main()
