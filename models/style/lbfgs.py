"""L-BFGS with a short history (Nocedal 1980), one evaluation of the loss a step."""

from collections.abc import Callable

import torch

from models.checkpoints import State
from models.style.history import MOST

Map = Callable[[torch.Tensor], torch.Tensor]


class LBFGS:
    """An `Optimiser`. A step that makes the loss much worse is taken back to a third."""

    def __init__(
        self, first_step: float, history: int = MOST, precondition: Map = lambda gradient: gradient
    ) -> None:
        """`first_step`: root mean square of the first change, in the unit of the variable.

        `precondition`: the inverse Hessian up to a factor, as far as it is known beforehand.
        """
        self.first_step = first_step
        self.history = history
        self.precondition = precondition
        self.pairs: list[tuple[torch.Tensor, torch.Tensor, float]] = []
        self.here: tuple[torch.Tensor, float, torch.Tensor] | None = None
        self.length = 1.0

    def visit(self, x: torch.Tensor) -> torch.Tensor:
        return x

    def advance(self, x: torch.Tensor, loss: float, gradient: torch.Tensor) -> torch.Tensor:
        if self.here is not None:
            x_before, loss_before, gradient_before = self.here
            if not loss <= loss_before * 1.05 and self.length > 0.05:  # also when loss is NaN
                self.length *= 0.3
                return x_before + (x - x_before) * 0.3
            self._remember(x - x_before, gradient - gradient_before)
        self.here = (x, loss, gradient)
        self.length = 1.0
        return self._direction(gradient).add_(x)

    def state(self) -> State:
        return {"pairs": self.pairs, "here": self.here, "length": self.length}

    def restore(self, state: State) -> None:
        self.pairs, self.here, self.length = list(state["pairs"]), state["here"], state["length"]

    def _remember(self, step: torch.Tensor, change: torch.Tensor) -> None:
        curvature = _dot(step, change)
        if curvature > 1e-10 * _dot(change, change):
            del self.pairs[: max(0, len(self.pairs) + 1 - self.history)]
            self.pairs.append((step, change, curvature))

    def _direction(self, gradient: torch.Tensor) -> torch.Tensor:
        """Minus the approximate inverse Hessian times the gradient: the two-loop recursion."""
        if not self.pairs:
            step = self.precondition(gradient)
            size = step.square().mean().sqrt().item()
            return step * (-self.first_step / size) if size > 0 else torch.zeros_like(gradient)
        q = -gradient
        weights = []
        for step, change, curvature in reversed(self.pairs):
            weight = _dot(step, q) / curvature
            q.sub_(change, alpha=weight)
            weights.append(weight)
        _, change, curvature = self.pairs[-1]
        q = self.precondition(q).mul_(curvature / _dot(change, self.precondition(change)))
        for (step, change, curvature), weight in zip(self.pairs, reversed(weights), strict=True):
            q.add_(step, alpha=weight - _dot(change, q) / curvature)
        return q


def _dot(a: torch.Tensor, b: torch.Tensor) -> float:
    return torch.dot(a.flatten(), b.flatten()).item()
