"""How long a painting takes and how good it is: `python -m benchmarks.painting --help`.

Prints a table; `--json FILE` writes the same figures. With `--judge FOLDER`, in which a file
resnet50*.pth lies, style and content distances under that independent network are added, beside
the untouched photograph's.
"""

import json
import time
from pathlib import Path
from typing import Any

import click
from PIL import Image

from models.threads import share_the_cores

SAMPLES = Path(__file__).parents[1] / "static" / "samples"


@click.command()
@click.option("--content", type=click.Path(exists=True, path_type=Path),
              default=SAMPLES / "content" / "rocket.jpg")  # fmt: skip
@click.option("--style", type=click.Path(exists=True, path_type=Path),
              default=SAMPLES / "style" / "waves.jpg")  # fmt: skip
@click.option("--painter", "painters", multiple=True, default=("light",))
@click.option("--size", "sizes", type=int, multiple=True, default=(256, 512))
@click.option("--strength", "strengths", type=float, multiple=True, default=(0.5,))
@click.option("--weights", type=click.Path(path_type=Path), help="Folder of the painters' weights.")
@click.option("--judge", type=click.Path(exists=True, path_type=Path), help="Folder of resnet50*.")
@click.option("--json", "output", type=click.Path(path_type=Path), help="Write the figures here.")
def main(
    content: Path, style: Path, painters: tuple[str, ...], sizes: tuple[int, ...],
    strengths: tuple[float, ...], weights: Path | None, judge: Path | None, output: Path | None,
) -> None:  # fmt: skip
    """Paint CONTENT in the manner of STYLE with every painter, size and strength."""
    share_the_cores()
    from benchmarks.judge import Judge
    from models.devices import pick_device
    from models.images import open_picture
    from models.style.options import PaintOptions
    from models.style.painters import load_painter
    from models.weights import Weights

    photograph, manner = open_picture(content), open_picture(style)
    critic = Judge(next(iter(sorted(judge.glob("resnet50*"))))) if judge else None
    cache = Path.home() / ".cache" / "merian"
    rows: list[dict[str, Any]] = []
    if critic:
        rows.append({"painter": "untouched", **_judged(critic, photograph, photograph, manner)})
    for name in painters:
        painter = load_painter(name, pick_device(), Weights(weights, cache))
        for size in sizes:
            for strength in strengths:
                options = PaintOptions(size=size, strength=strength, painter=name)
                row, picture = _painted(painter.paint(photograph, [manner], options))
                row = {"painter": name, "size": size, "strength": strength, **row}
                rows.append(row | (_judged(critic, picture, photograph, manner) if critic else {}))
    _table(rows)
    if output:
        output.write_text(json.dumps(rows, indent=1) + "\n")


def _painted(steps: Any) -> tuple[dict[str, Any], Image.Image]:
    """Seconds to the first step, of the longest step and in all; and the painting."""
    start = last = time.perf_counter()
    first = longest = 0.0
    step = None
    for step in steps:  # noqa: B007 - the last one is the painting
        now = time.perf_counter()
        first, longest, last = first or now - start, max(longest, now - last), now
    assert step is not None
    times = {"first_s": first, "longest_s": longest, "seconds": last - start}
    return {name: round(value, 2) for name, value in times.items()}, step.picture()


def _judged(
    critic: Any, picture: Image.Image, content: Image.Image, style: Image.Image
) -> dict[str, float]:
    distances = critic.distances(picture, content.resize(picture.size), style)
    return dict(zip(("style", "content"), (round(d, 3) for d in distances), strict=True))


def _table(rows: list[dict[str, Any]]) -> None:
    columns = list({name: None for row in rows for name in row})
    click.echo("  ".join(f"{name:>13}" for name in columns))
    for row in rows:
        click.echo("  ".join(f"{row.get(name, '')!s:>13}" for name in columns))


if __name__ == "__main__":
    main()
