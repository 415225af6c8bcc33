"""Adam (Kingma and Ba, arXiv:1412.6980) with averaged iterates."""

from collections.abc import Callable, Iterator

import torch

from models.style.lbfgs import Losses

RATE = 0.02  # of a pixel's range
MOMENTS = (0.9, 0.99)
AVERAGE = 0.95  # how much of the average a new point leaves in place
EPSILON = 1e-8


def minimise(
    evaluate: Callable[[torch.Tensor], tuple[Losses, torch.Tensor]],
    x: torch.Tensor,
    evaluations: int,
    first_step: float = RATE,
) -> Iterator[tuple[torch.Tensor, Losses]]:
    """The average of the points visited, and the losses at the latest, after each evaluation.

    `first_step` is the size of every step in each pixel. The average is free of the noise that
    steps of one size leave behind.
    """
    first, second = torch.zeros_like(x), torch.zeros_like(x)
    average = torch.zeros_like(x)
    for step in range(1, evaluations + 1):
        losses, gradient = evaluate(x)
        average = average * AVERAGE + x * (1.0 - AVERAGE)
        yield average / (1.0 - AVERAGE**step), losses
        first = first * MOMENTS[0] + gradient * (1.0 - MOMENTS[0])
        second = second * MOMENTS[1] + gradient.square() * (1.0 - MOMENTS[1])
        unbiased = (second / (1.0 - MOMENTS[1] ** step)).sqrt() + EPSILON
        x = x - first_step / (1.0 - MOMENTS[0] ** step) * first / unbiased
