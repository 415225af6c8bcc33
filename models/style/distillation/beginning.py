"""Where a student begins: not at random, but as a copy of its teacher in fewer channels.

Layer by layer, from the first: those of the teacher's channels are chosen from which the others can
best be told, and a convolution over what the student sees is fitted to them by least squares, so
that errors of one layer are allowed for in the next (as in He et al., arXiv:1707.06168).
"""

from collections.abc import Iterable

import torch
from torch.nn import functional as F

from models.padding import replicate
from models.style.distillation.student import Student
from models.style.distillation.teacher import Teacher
from models.vgg import VGG

POSITIONS = 4000  # of each batch that are looked at, at every layer
FAINT = 1e-3  # of a channel's variance: so little that is left of it is not counted on
RIDGE = 1e-4  # of the mean square of what is fitted from


@torch.no_grad()
def begin(student: Student, teacher: Teacher, pictures: Iterable[torch.Tensor], seed: int) -> None:
    """Set every convolution and embedding of `student`. `pictures`: batches (N, 3, H, W)."""
    generator = torch.Generator().manual_seed(seed)
    network, master = student.network, teacher.network
    own = [(batch - network.mean) / network.std for batch in pictures]
    theirs = own
    for tap, size in teacher.sizes.items():
        if tap.endswith("_1") and tap != "relu1_1":
            own, theirs = [network._pool(x) for x in own], [master._pool(x) for x in theirs]
        wanted = [_convolved(master, tap, x) / size for x in theirs]
        theirs = [F.relu(x) * size for x in wanted]
        places = [_places(x, generator) for x in wanted]
        sharp = torch.cat([_at(x, place) for x, place in zip(wanted, places, strict=True)])
        layer = network.convolution(tap)
        chosen = telling_channels(F.relu(sharp), layer.out_channels)
        patches = torch.cat([_patches(x, place) for x, place in zip(own, places, strict=True)])
        weight, bias = fitted(patches, sharp[:, chosen])
        layer.weight.copy_(weight.view_as(layer.weight))
        assert layer.bias is not None
        layer.bias.copy_(bias)
        own = [F.relu(_convolved(network, tap, x)) for x in own]
        found = torch.cat([_at(x, place) for x, place in zip(own, places, strict=True)])
        embedding = student.embedding(tap)
        weight, bias = fitted(found, F.relu(sharp))
        embedding.weight.copy_(weight)
        embedding.bias.copy_(bias)


def telling_channels(seen: torch.Tensor, count: int) -> list[int]:
    """Which channels of `seen` (positions, C) tell most of the others, linearly; the best first.

    Greedy: each next one explains the most of what those before it leave unexplained.
    """
    left = torch.cov(seen.double().T)
    faint = FAINT * left.diagonal()
    chosen: list[int] = []
    for _ in range(count):
        variance = left.diagonal().clone()
        gain = left.square().sum(0) / (variance + faint).clamp(min=1e-9)
        gain[chosen] = -1.0
        best = int(gain.argmax())
        chosen.append(best)
        column = left[:, best] / max(variance[best].item(), 1e-9) ** 0.5
        left = left - torch.outer(column, column)
    return chosen


def fitted(seen: torch.Tensor, wanted: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """W (C, D) and b (C) so that `seen` (positions, D) W' + b is about `wanted` (positions, C)."""
    x, y = seen.double(), wanted.double()
    x_mean, y_mean = x.mean(0), y.mean(0)
    x, y = x - x_mean, y - y_mean
    square = x.T @ x
    ridge = RIDGE * square.diagonal().mean() + 1e-12
    weight = torch.linalg.solve(square + ridge * torch.eye(len(square)).to(square), x.T @ y).T
    return weight.to(seen), (y_mean - weight @ x_mean).to(seen)


def _convolved(network: VGG, tap: str, x: torch.Tensor) -> torch.Tensor:
    found: torch.Tensor = network.convolution(tap)(replicate(x, 1, 1, 1, 1))
    return found


def _places(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Some positions of a batch (N, C, h, w), counted through all its pictures."""
    count = x.shape[0] * x.shape[2] * x.shape[3]
    return torch.randperm(count, generator=generator)[:POSITIONS].to(x.device)


def _at(x: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """Activations at places: (places, C)."""
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])[places]


def _patches(x: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """The 3 x 3 cells around places: (places, C * 9), in the order of a convolution's weights."""
    padded = replicate(x, 1, 1, 1, 1)
    height, width = x.shape[2:]
    picture, rest = places // (height * width), places % (height * width)
    row, column = rest // width, rest % width
    cells = [padded[picture, :, row + down, column + across]
             for down in range(3) for across in range(3)]  # fmt: skip
    return torch.stack(cells, 2).flatten(1)
