"""Options that several benchmarks share on the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from benchmarks.pairs import SAMPLES

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

pictures: Decorator = click.option(
    "--pictures", type=FOLDER, default=SAMPLES, help="Folder with content/ and style/."
)
weights: Decorator = click.option(
    "--weights", type=FOLDER, help="Folder of vgg*, and of resnet50* for the judge."
)
vgg: Decorator = click.option(
    "--vgg", type=click.Choice(("vgg16", "vgg19")), default="vgg16", show_default=True
)
precision: Decorator = click.option(
    "--precision", type=click.Choice(("float32", "bfloat16")),
    help="What networks compute in; else the device decides.",
)  # fmt: skip
device: Decorator = click.option("--device", default="auto", show_default=True)
records: Decorator = click.option(
    "--json", "output", type=FILE, help="Record here, and skip what is recorded."
)
keep: Decorator = click.option(
    "--keep", type=click.Path(path_type=Path), help="Keep paintings in this folder."
)
