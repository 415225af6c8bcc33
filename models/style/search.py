"""The search for the best picture at one scale, which can be left after each evaluation.

Another process goes on from what `state` gives and finds the same picture.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import torch

from models.checkpoints import State

PATIENCE = 8  # evaluations without progress after which a scale has converged
PROGRESS = 1e-3  # what counts as progress, relative to the loss

Losses = dict[str, float]
"""The one to minimise is called total."""
Evaluate = Callable[[torch.Tensor], tuple[Losses, torch.Tensor]]
"""The losses of a picture, and the gradient of the total."""


class Optimiser(Protocol):
    """Says where to look next."""

    def visit(self, x: torch.Tensor) -> torch.Tensor:
        """What is to be seen now that `x` was evaluated. Called once for each point."""
        ...

    def advance(self, x: torch.Tensor, loss: float, gradient: torch.Tensor) -> torch.Tensor:
        """The next point to evaluate. `x` and `gradient` have one shape; `x` is left as it is."""
        ...

    def state(self) -> State:
        """What it has learnt so far. Nothing is copied: write it before the next `advance`."""
        ...

    def restore(self, state: State) -> None: ...


class Search:
    """Up to `evaluations` evaluations, fewer where the loss no longer falls."""

    def __init__(
        self, evaluate: Evaluate, optimiser: Optimiser, x: torch.Tensor, evaluations: int
    ) -> None:
        self.evaluate, self.optimiser, self.evaluations = evaluate, optimiser, evaluations
        self.x = x
        """What is evaluated next."""
        self.tried = 0
        self.over = False
        self.convergence = Convergence()

    def __iter__(self) -> Iterator[tuple[torch.Tensor, Losses]]:
        """What is to be seen and the losses of the latest point, after each evaluation."""
        while not self.over:
            losses, gradient = self.evaluate(self.x)
            self.tried += 1
            shown = self.optimiser.visit(self.x)
            converged = self.convergence.reached(losses["total"])
            self.over = converged or self.tried == self.evaluations
            if not self.over:
                self.x = self.optimiser.advance(self.x, losses["total"], gradient)
            yield shown, losses

    def state(self) -> State:
        """To go on from; see `Optimiser.state`."""
        return {
            "x": self.x, "tried": self.tried,
            "best": self.convergence.best, "since": self.convergence.since,
            "optimiser": self.optimiser.state(),
        }  # fmt: skip

    def restore(self, state: State) -> None:
        """Go on where `state` was given; its tensors are on the device."""
        self.x, self.tried = state["x"], state["tried"]
        self.convergence.best, self.convergence.since = state["best"], state["since"]
        self.optimiser.restore(state["optimiser"])


class Convergence:
    """Tells when the loss no longer falls."""

    def __init__(self) -> None:
        self.best = float("inf")
        self.since = 0

    def reached(self, loss: float) -> bool:
        if loss < self.best * (1.0 - PROGRESS):
            self.best, self.since = loss, 0
        else:
            self.since += 1
        return self.since >= PATIENCE


def on_device(value: Any, device: torch.device) -> Any:
    """A state with its tensors on `device`."""
    match value:
        case torch.Tensor():
            return value.to(device)
        case dict():
            return {name: on_device(each, device) for name, each in value.items()}
        case list() | tuple():
            return type(value)(on_device(each, device) for each in value)
    return value
