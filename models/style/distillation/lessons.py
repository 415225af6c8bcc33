"""What a student is marked by: how far what it embeds is from what its teacher sees."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from models.sections import Activations
from models.style.distillation.student import Embedding, Student
from models.style.losses import gram

FAINT = 0.1  # of the batch's mean square Gram: a flat crop has next to none to be relative to


@dataclass(frozen=True)
class Marks:
    """By tap, as scalar tensors. 0 is right; 1 is as wrong as seeing nothing."""

    activations: Mapping[str, torch.Tensor]
    grams: Mapping[str, torch.Tensor]

    def total(self, grams: float) -> torch.Tensor:
        """Means over taps; `grams` is how much these count."""
        seen = torch.stack(list(self.activations.values())).mean()
        return seen + grams * torch.stack(list(self.grams.values())).mean()


def marked(student: Student, pictures: torch.Tensor, wanted: Activations) -> Marks:
    """The student's look at pictures (N, 3, H, W) against its teacher's, `wanted`."""
    seen = student(pictures)
    activations, grams = {}, {}
    for tap, target in wanted.items():
        embedding = student.embedding(tap)
        # the teacher's mean square is 1 over many pictures, so this is relative
        activations[tap] = (embedding(seen[tap]) - target).square().mean()
        grams[tap] = gram_distance(embedding, seen[tap], target)
    return Marks(activations, grams)


def gram_distance(embedding: Embedding, seen: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """How far Grams about the mean, crop by crop, are from the teacher's, relative to these."""
    found = embedding.gram(_about_mean(seen))
    wanted = _about_mean(target)
    square = wanted.square().mean((1, 2))
    away = (found - wanted).square().mean((1, 2))
    return (away / (square + FAINT * square.mean())).mean()


def _about_mean(activations: torch.Tensor) -> torch.Tensor:
    return gram(activations - activations.mean((2, 3), keepdim=True))
