"""What a student is marked by: how far what it embeds is from what its teacher sees.

Nothing is embedded cell by cell, which would cost many times the student itself. With cells f and
t, the mean of |E f + b - t|^2 hangs on the means of f, f f' and f t' alone, which are products of
matrices; Grams of E f + b about their mean are E cov(f) E'.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from models.sections import Activations
from models.style.distillation.student import Embedding, Student

FAINT = 0.1  # of the batch's mean square Gram: a flat crop has next to none to be relative to


@dataclass(frozen=True)
class Target:
    """What the teacher sees at one tap, and what of it every mark needs."""

    cells: torch.Tensor
    """(N, cells, C)"""
    mean: torch.Tensor
    """(N, C)"""
    gram: torch.Tensor
    """About the mean, (N, C, C)."""
    square: torch.Tensor
    """The sum of squares of a cell, its mean: a scalar."""

    @classmethod
    def of(cls, activations: torch.Tensor) -> "Target":
        """`activations` (N, C, h, w)."""
        cells = cells_of(activations)
        mean, product = moments(cells)
        return cls(cells, mean, about(mean, product), cells.square().mean() * cells.shape[2])


Targets = dict[str, Target]


@dataclass(frozen=True)
class Marks:
    """By tap, as scalar tensors. 0 is right; 1 is as wrong as seeing nothing."""

    activations: Mapping[str, torch.Tensor]
    grams: Mapping[str, torch.Tensor]

    def total(self, grams: float) -> torch.Tensor:
        """Means over taps; `grams` is how much these count."""
        seen = torch.stack(list(self.activations.values())).mean()
        return seen + grams * torch.stack(list(self.grams.values())).mean()


def targets(activations: Activations) -> Targets:
    return {tap: Target.of(each) for tap, each in activations.items()}


def marked(student: Student, pictures: torch.Tensor, wanted: Targets) -> Marks:
    """The student's look at pictures (N, 3, H, W) against its teacher's."""
    seen = student(pictures)
    activations, grams = {}, {}
    for tap, target in wanted.items():
        embedding, cells = student.embedding(tap), cells_of(seen[tap])
        mean, product = moments(cells)
        activations[tap] = square_distance(embedding, cells, mean, product, target)
        grams[tap] = gram_distance(embedding.gram(about(mean, product)), target.gram)
    return Marks(activations, grams)


def square_distance(
    embedding: Embedding, cells: torch.Tensor, mean: torch.Tensor, product: torch.Tensor,
    target: Target,
) -> torch.Tensor:  # fmt: skip
    """The mean square of E f + b - t. As the teacher's own is 1 over many pictures, it is relative.

    `mean` and `product`: the `moments` of `cells` (N, cells, channels).
    """
    weight, bias = embedding.weight, embedding.bias
    both = (cells.transpose(1, 2) @ target.cells).mean(0) / cells.shape[1]
    own = ((weight @ product.mean(0)) * weight).sum() + bias.square().sum()
    own = own + 2.0 * bias @ (weight @ mean.mean(0))
    shared = (weight.T * both).sum() + bias @ target.mean.mean(0)
    found: torch.Tensor = (own - 2.0 * shared + target.square) / len(bias)
    return found


def gram_distance(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """How far Grams (N, C, C) are from those wanted, crop by crop, relative to these."""
    square = wanted.square().mean((1, 2))
    away = (found - wanted).square().mean((1, 2))
    return (away / (square + FAINT * square.mean())).mean()


def cells_of(activations: torch.Tensor) -> torch.Tensor:
    """(N, C, h, w) as (N, cells, C): a view where channels are last in memory."""
    return activations.permute(0, 2, 3, 1).flatten(1, 2)


def moments(cells: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Means (N, C), and means of products (N, C, C), of cells (N, cells, C)."""
    return cells.mean(1), cells.transpose(1, 2) @ cells / cells.shape[1]


def about(mean: torch.Tensor, product: torch.Tensor) -> torch.Tensor:
    """The Gram about the mean (N, C, C), from `moments`."""
    return product - mean[:, :, None] * mean[:, None, :]
