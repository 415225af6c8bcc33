"""L-BFGS with a short history (Nocedal 1980), one evaluation of the loss a step."""

from collections.abc import Callable, Iterator

import torch

from models.style.history import MOST, pairs_kept

Losses = dict[str, float]
Map = Callable[[torch.Tensor], torch.Tensor]


def minimise(
    evaluate: Callable[[torch.Tensor], tuple[Losses, torch.Tensor]],
    x: torch.Tensor,
    evaluations: int,
    first_step: float,
    precondition: Map = lambda gradient: gradient,
) -> Iterator[tuple[torch.Tensor, Losses]]:
    """Where the search stands and its losses, after each of `evaluations` evaluations.

    `evaluate` gives the losses, the one to minimise called total, and its gradient.
    `first_step`, `precondition`: see `LBFGS`.
    """
    search = LBFGS(first_step, pairs_kept(x.numel()), precondition)
    for remaining in range(evaluations, 0, -1):
        losses, gradient = evaluate(x)
        yield x, losses
        if remaining > 1:
            x = search.advance(x, losses["total"], gradient)


class LBFGS:
    """Give `advance` the loss and gradient where you stand; it says where to look next.

    A step that makes the loss much worse is taken back and halved.
    """

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

    def advance(self, x: torch.Tensor, loss: float, gradient: torch.Tensor) -> torch.Tensor:
        """The next point to evaluate. `x` and `gradient` have one shape; `x` is left as it is."""
        if self.here is not None:
            x_before, loss_before, gradient_before = self.here
            if not loss <= loss_before * 1.05 and self.length > 0.05:  # also when loss is NaN
                self.length *= 0.3
                return x_before + (x - x_before) * 0.3
            self._remember(x - x_before, gradient - gradient_before)
        self.here = (x, loss, gradient)
        self.length = 1.0
        return self._direction(gradient).add_(x)

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
