"""Adam (Kingma and Ba, arXiv:1412.6980) with averaged iterates."""

import torch

from models.checkpoints import State

RATE = 0.02  # of a pixel's range
MOMENTS = (0.9, 0.99)
AVERAGE = 0.95  # how much of the average a new point leaves in place
EPSILON = 1e-8


class Adam:
    """An `Optimiser` that shows the average of the points visited.

    It is free of the noise that steps of one size leave behind.
    """

    def __init__(self, rate: float = RATE) -> None:
        """`rate` is the size of every step in each pixel."""
        self.rate = rate
        self.step = 0
        self.first: torch.Tensor | float = 0.0
        self.second: torch.Tensor | float = 0.0
        self.average: torch.Tensor | float = 0.0

    def visit(self, x: torch.Tensor) -> torch.Tensor:
        self.step += 1
        self.average = self.average * AVERAGE + x * (1.0 - AVERAGE)
        return self.average / (1.0 - AVERAGE**self.step)

    def advance(self, x: torch.Tensor, loss: float, gradient: torch.Tensor) -> torch.Tensor:
        self.first = self.first * MOMENTS[0] + gradient * (1.0 - MOMENTS[0])
        self.second = self.second * MOMENTS[1] + gradient.square() * (1.0 - MOMENTS[1])
        unbiased = (self.second / (1.0 - MOMENTS[1] ** self.step)).sqrt() + EPSILON
        return x - self.rate / (1.0 - MOMENTS[0] ** self.step) * self.first / unbiased

    def state(self) -> State:
        return {
            "step": self.step, "first": self.first, "second": self.second, "average": self.average,
        }  # fmt: skip

    def restore(self, state: State) -> None:
        self.step, self.average = state["step"], state["average"]
        self.first, self.second = state["first"], state["second"]
