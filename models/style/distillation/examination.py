"""How well a student sees what it was never shown."""

from collections.abc import Iterable

import torch

from models.style.distillation.lessons import marked, targets
from models.style.distillation.student import Student
from models.style.distillation.teacher import Teacher


@torch.no_grad()
def examined(
    student: Student, teacher: Teacher, pictures: Iterable[torch.Tensor]
) -> tuple[dict[str, float], dict[str, float]]:
    """Mean marks over batches (N, 3, H, W), by tap: activations, Grams."""
    activations = dict.fromkeys(teacher.taps, 0.0)
    grams = dict.fromkeys(teacher.taps, 0.0)
    count = 0
    for batch in pictures:
        count += 1
        marks = marked(student, batch, targets(teacher.look(batch)))
        for tap in teacher.taps:
            activations[tap] += marks.activations[tap].item()
            grams[tap] += marks.grams[tap].item()
    return tuple({tap: round(total / count, 4) for tap, total in sums.items()}
                 for sums in (activations, grams))  # type: ignore[return-value]  # fmt: skip
