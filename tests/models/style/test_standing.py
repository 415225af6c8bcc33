"""A painting that goes on in another process is the one that was never interrupted."""

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models import checkpoints
from models.checkpoints import Checkpoint, FileCheckpoints, read_checkpoint
from models.style import engine
from models.style.commission import Commission
from models.style.engine import Step
from models.style.manner import Album
from models.style.options import PaintOptions
from models.style.painters import Painter
from models.style.standing import key_of
from tests.models.style.conftest import painting, photograph
from tests.models.style.test_engine import left

OPTIONS = PaintOptions(size=192, strength=0.8, steps=6)  # 6 at 96 px, then 5
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is saved, as if saving took no time."""
    monkeypatch.setattr(checkpoints, "SECONDS", -1.0)
    monkeypatch.setattr(engine, "SAVING", 1e9)


class Files:
    """Each checkpoint in a file of its own, as another process would find it."""

    def __init__(self, folder: Path, begin: Path | None = None) -> None:
        self.folder, self.begin = folder, begin
        self.saved: list[Path] = []

    def load(self, key: str) -> Checkpoint | None:
        found = read_checkpoint(self.begin) if self.begin else None
        assert found is None or found.key == key
        return found

    def save(self, checkpoint: Checkpoint) -> None:
        self.saved.append(self.folder / f"{len(self.saved)}.pt")
        FileCheckpoints(self.saved[-1]).save(checkpoint)


@pytest.mark.parametrize(
    ("options", "places"),
    [
        (OPTIONS, (1, 4, 6, 7, 10)),  # in a scale, at the end of one, before the last step
        (replace(OPTIONS, optimizer="adam"), (3, 6, 8)),
        (replace(OPTIONS, colours="photograph", detail=0.5), (6,)),
    ],
    ids=["lbfgs", "adam", "photograph's colours"],
)
def test_it_is_the_same_to_the_last_bit(
    quick: Painter, tmp_path: Path, options: PaintOptions, places: tuple[int, ...]
) -> None:
    assert_the_same(quick, tmp_path, options, places, [painting()], [])


def test_masks_several_styles_and_noise_go_on_too(quick: Painter, tmp_path: Path) -> None:
    masks = [left(), left().transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
    options = replace(OPTIONS, start="noise", seed=7)
    assert_the_same(quick, tmp_path, options, (2, 6, 9), [painting(), painting(90, 90)], masks)


def assert_the_same(
    painter: Painter, folder: Path, options: PaintOptions, places: tuple[int, ...],
    styles: list[Image.Image], masks: list[Image.Image],
) -> None:  # fmt: skip
    def begun(files: Files) -> list[Step]:
        fresh = replace(painter, album=Album())
        return list(fresh.paint(photograph(), styles, options, masks, checkpoints=files))

    files = Files(folder)
    whole = begun(files)
    assert [step.step for step in whole if step.scale == 1] == [1, 2, 3, 4, 5, 6]
    for after in places:
        rest = begun(Files(folder / str(after), files.saved[after - 1]))
        assert [step.step for step in rest] == list(range(after + 1, len(whole) + 1))
        for step, wanted in zip(rest, whole[after:], strict=True):
            assert (step.fraction, step.scale, step.losses) == (
                wanted.fraction, wanted.scale, wanted.losses,
            )  # fmt: skip
        assert np.array_equal(rest[-1].pixels(), whole[-1].pixels())


def test_fractions_are_those_of_the_steps_and_the_end_is_not_saved(
    quick: Painter, tmp_path: Path
) -> None:
    files = Files(tmp_path)
    steps = list(quick.paint(photograph(), [painting()], OPTIONS, checkpoints=files))
    saved = [read_checkpoint(path) for path in files.saved]
    assert [each.fraction for each in saved if each] == [step.fraction for step in steps[:-1]]
    seconds = [each.seconds for each in saved if each]
    assert len(seconds) == len(steps) - 1 and seconds == sorted(seconds)


def test_another_painting_is_not_gone_on_from(quick: Painter) -> None:
    def key(
        painter: Painter = quick, options: PaintOptions = OPTIONS, style: Image.Image | None = None
    ) -> str:
        commission = Commission.of(photograph(), [style or painting()], [], options)
        return key_of(painter.network, painter.recipe, painter.device, commission)

    assert key() == key(replace(quick, album=Album()))
    other = copy.deepcopy(quick.network)
    next(other.parameters()).mul_(1.001)
    changed: list[Callable[[], str]] = [
        lambda: key(options=replace(OPTIONS, seed=1)),
        lambda: key(options=replace(OPTIONS, size=256)),
        lambda: key(style=painting(80, 80)),
        lambda: key(replace(quick, recipe=replace(quick.recipe, palette=0.1))),
        lambda: key(replace(quick, network=other)),
        lambda: key(replace(quick, device=torch.device("cuda"))),
    ]
    assert len({key(), *(each() for each in changed)}) == len(changed) + 1
