"""Teach the painter merian's network from folders of pictures: `python -m models.style.distil`."""

import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import click

from models.narrow_shape import Shape
from models.style.distillation.options import Teaching
from models.threads import share_the_cores

if TYPE_CHECKING:
    from models.style.distillation.training import Lesson

USUAL = {field.name: field.default for field in fields(Teaching)}
EVERY = 20  # steps between two lines of progress
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument(
    "folders", metavar="[FOLDER]...", nargs=-1,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)  # fmt: skip
@click.option("--vgg", type=FILE, required=True, help="The teacher: a file vgg16* or vgg19*.")
@click.option("-o", "--output", type=FILE, required=True, help="The .safetensors to write.")
@click.option("--steps", type=click.IntRange(1), default=USUAL["steps"], show_default=True)
@click.option("--seed", type=click.IntRange(0), default=USUAL["seed"], show_default=True)
@click.option(
    "--widths", default=",".join(map(str, Shape().widths)), show_default=True,
    help="Channels of the four blocks.",
)  # fmt: skip
@click.option("--size", type=click.IntRange(32), default=USUAL["size"], show_default=True,
              help="Side of a crop in pixels.")  # fmt: skip
@click.option("--batch", type=click.IntRange(1), default=USUAL["batch"], show_default=True)
@click.option("--echoes", type=click.IntRange(1), default=USUAL["echoes"], show_default=True,
              help="Steps for each look of the teacher.")  # fmt: skip
@click.option("--made", type=click.FloatRange(0, 1), default=USUAL["made"], show_default=True,
              help="The share of crops that are made, not taken from pictures.")  # fmt: skip
@click.option("--grams", type=click.FloatRange(0), default=USUAL["grams"], show_default=True,
              help="What Grams count beside activations.")  # fmt: skip
@click.option("--rate", type=click.FloatRange(0, min_open=True), default=USUAL["rate"],
              show_default=True, help="The first rate of learning.")  # fmt: skip
@click.option(
    "--whitening",
    type=click.FloatRange(0, 1),
    default=USUAL["whitening"],
    show_default=True,
    help="How much less the loud directions of activations count.",
)
@click.option("--device", default="auto", show_default=True)
@click.option("--threads", type=click.IntRange(0), default=0, help="0: one for each core.")
def main(
    folders: tuple[Path, ...], vgg: Path, output: Path, widths: str, device: str, threads: int,
    **chosen: float,
) -> None:  # fmt: skip
    """Teach a narrow network to see the pictures in each FOLDER, and pictures that are made, as
    VGG sees them. Stopped and started again with the same arguments, it goes on where it was."""
    share_the_cores()  # before anything loads torch
    from models.checkpoints import FileCheckpoints
    from models.devices import pick_device, use_threads
    from models.steps import outcome
    from models.style.distillation.card import Card, sha256_of, write
    from models.style.distillation.crops import NoPictures, pictures_in
    from models.style.distillation.teacher import NoTeacher, named_vgg
    from models.style.distillation.training import teach
    from models.weights import WeightsDamaged

    try:
        options = Teaching(Shape(_numbers(widths)), **chosen)  # type: ignore[arg-type]
        pictures, where = pictures_in(folders), pick_device(device)
        name, network = named_vgg(vgg, where)
    except (NoPictures, NoTeacher, WeightsDamaged, ValueError) as error:
        raise click.UsageError(str(error)) from None
    use_threads(where, threads or None)
    teacher = f"{name} {sha256_of(vgg)}"
    kept = FileCheckpoints(output.with_suffix(".checkpoint"))
    taught = outcome(teach(network, teacher, pictures, options, where, kept), _progress())
    write(output, taught.state, Card.of(teacher, pictures, options, taught))
    kept.remove()
    click.echo(f"{output}: {sha256_of(output)}")


def _progress() -> Callable[["Lesson"], None]:
    """Tells a line now and then: marks are means over the steps since the last."""
    begun, since = time.monotonic(), 0
    seen: list[tuple[float, float]] = []

    def show(lesson: "Lesson") -> None:
        nonlocal since
        since += 1
        seen.append((fmean(lesson.activations.values()), fmean(lesson.grams.values())))
        if lesson.step % EVERY and lesson.step < lesson.steps:
            return
        pace = since / (time.monotonic() - begun)
        left = (lesson.steps - lesson.step) / pace / 60
        activations, grams = (fmean(each) for each in zip(*seen, strict=True))
        seen.clear()
        click.echo(
            f"{lesson.step} of {lesson.steps}: activations {activations:.4f}, grams {grams:.4f}; "
            f"{pace:.2f} steps a second, {left:.0f} minutes left", err=True,
        )  # fmt: skip

    return show


def _numbers(words: str) -> tuple[int, ...]:
    found = tuple(int(word) for word in words.split(","))
    if len(found) != len(Shape().widths) or min(found) < 1:
        raise ValueError(f"--widths needs {len(Shape().widths)} numbers above 0.")
    return found


if __name__ == "__main__":
    main()
