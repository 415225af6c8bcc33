"""The teaching of a student, as a generator of steps."""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from models.checkpoints import Checkpoints, Keeper, State
from models.narrow_vgg import NarrowVGG
from models.style.distillation.beginning import begin
from models.style.distillation.crops import Crops
from models.style.distillation.examination import examined
from models.style.distillation.lessons import Targets, marked, targets
from models.style.distillation.options import Teaching
from models.style.distillation.student import Student
from models.style.distillation.teacher import Teacher
from models.style.distillation.whitening import whitened
from models.style.search import on_device
from models.vgg import VGG
from models.weights import State as Weights

WARM_UP = 50  # steps in which the rate of learning rises
APART = 10**9  # numbers of batches that are shown before teaching begin here
SAVING = 0.02  # the most of the time that checkpoints may take
EXAMINED = 8  # batches, of another seed than those it learns from
LONGEST = 1.0  # of a gradient, after which it is shortened


@dataclass(frozen=True)
class Lesson:
    """One step."""

    step: int
    steps: int
    activations: dict[str, float]
    """By tap: see `Marks`."""
    grams: dict[str, float]
    student: Student
    """As it is now."""


@dataclass(frozen=True)
class Taught:
    """What came out, and how well it sees crops that it was never shown: see `Marks`."""

    state: Weights
    """Weights of the `NarrowVGG` that paints."""
    activations: dict[str, float]
    grams: dict[str, float]


def teach(
    network: VGG, name: str, pictures: Sequence[Path], options: Teaching, device: torch.device,
    checkpoints: Checkpoints | None = None,
) -> Generator[Lesson, None, Taught]:  # fmt: skip
    """Teach a student to see as `network` does, which `name` tells from others.

    The same pictures, options, device and number of threads give the same student, bit by bit on a
    CPU. With `checkpoints` it goes on where another process was, and saves where it is by itself.
    """
    torch.manual_seed(options.seed)
    crops = Crops(pictures, options.size, options.batch, options.made, options.seed)
    keeper = Keeper(checkpoints, SAVING)
    student = Student(options.shape, network.widths).to(device)
    optimiser = torch.optim.Adam(student.parameters(), lr=options.rate, betas=(0.9, 0.99))
    first = [crops.of(APART + index).to(device) for index in range(options.beginning)]
    teacher = Teacher(network, student.taps, first)
    step = 0
    if (left := keeper.load(_key(name, pictures, options, device))) is not None:
        left = on_device(left, device)
        student.load_state_dict(left["student"])
        optimiser.load_state_dict(left["optimiser"])
        step = left["step"]
    else:
        begin(student, teacher, first, options.seed)
    student.to(memory_format=torch.channels_last)
    del first
    lessons: list[tuple[torch.Tensor, Targets]] = []
    while step < options.steps:
        place = step % options.round
        if place == 0 or not lessons:
            lessons = _round(crops, teacher, step // options.round, options, device)
        order = _order(options, step // options.round)
        for group in optimiser.param_groups:
            group["lr"] = rate(options, step)
        marks = marked(student, *lessons[order[place]])
        optimiser.zero_grad()
        torch.autograd.backward(marks.total(options.grams))
        torch.nn.utils.clip_grad_norm_(student.parameters(), LONGEST)
        optimiser.step()
        step += 1
        if keeper.due() and step < options.steps:
            keeper.save(step / options.steps, _state(student, optimiser, step))
        yield Lesson(
            step, options.steps, {tap: each.item() for tap, each in marks.activations.items()},
            {tap: each.item() for tap, each in marks.grams.items()}, student,
        )  # fmt: skip
    unseen = replace(crops, seed=options.seed + 1)
    batches = [unseen.of(APART + index).to(device) for index in range(EXAMINED)]
    painter = NarrowVGG(options.shape)
    painter.read(student.packaged())
    state = whitened(painter.to(device), batches, options.whitening)
    return Taught(state, *examined(student, teacher, batches))


def rate(options: Teaching, step: int) -> float:
    """How fast to learn at a step: a short rise, then a cosine down to nothing."""
    falling = 0.5 * (1.0 + math.cos(math.pi * step / options.steps))
    return options.rate * falling * min(1.0, (step + 1) / WARM_UP)


def _round(
    crops: Crops, teacher: Teacher, number: int, options: Teaching, device: torch.device
) -> list[tuple[torch.Tensor, Targets]]:
    """Batches with what the teacher sees in them."""
    first = number * options.fresh
    batches = [crops.of(first + index).to(device) for index in range(options.fresh)]
    return [(batch, targets(teacher.look(batch))) for batch in batches]


def _order(options: Teaching, number: int) -> list[int]:
    """Which batch of a round each of its steps learns from: all of them, once an echo."""
    random = np.random.default_rng([options.seed, number, 1])
    return [int(each) for _ in range(options.echoes) for each in random.permutation(options.fresh)]


def _state(student: Student, optimiser: torch.optim.Optimizer, step: int) -> State:
    return {"student": student.state_dict(), "optimiser": optimiser.state_dict(), "step": step}


def _key(name: str, pictures: Sequence[Path], options: Teaching, device: torch.device) -> str:
    sizes = [(path.name, path.stat().st_size) for path in pictures]
    return repr((name, sizes, options, device.type))
