"""Which network of a training is the best so far, by photographs that none of them learnt from."""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch.nn import functional as F

from models.training.head import Head
from models.training.results import Epoch


@dataclass(frozen=True)
class Candidate:
    """A network, and how it did."""

    head: Head
    state: dict[str, torch.Tensor] | None
    """Of the whole network; None where the trunk is as it was."""
    logits: torch.Tensor
    """(n, classes) of the photographs to choose by, the mean over their views."""
    right: float
    """Share, 0..1."""
    loss: float
    """Per photograph, in nats."""


class Choice:
    """Keeps the best candidate, and the curves of all."""

    def __init__(self, truth: torch.Tensor) -> None:
        """`truth` (n,): class numbers of the photographs to choose by; there may be none."""
        self.truth = truth
        self.curves: list[Epoch] = []
        self.latest: Candidate | None = None
        self.best: Candidate | None = None

    def compare(
        self, head: Head, state: dict[str, torch.Tensor] | None, logits: torch.Tensor
    ) -> None:
        """Keep the network if it is better than the best so far, or nothing tells them apart."""
        right, loss = 0.0, 0.0
        if len(self.truth):
            right = float((logits.argmax(1) == self.truth).float().mean())
            loss = float(F.cross_entropy(logits, self.truth))
        self.latest = Candidate(head, state, logits, right, loss)
        if self.best is None or (right, -loss) >= (self.best.right, -self.best.loss):
            self.best = self.latest

    def note(self, phase: str, epoch: int, loss: float, seconds: float) -> None:
        """Another point of the curves: how the latest candidate did."""
        assert self.latest is not None
        val_loss, val_top1 = round(self.latest.loss, 5), round(self.latest.right, 5)
        known = len(self.truth) > 0
        self.curves.append(
            Epoch(
                phase, epoch, round(loss, 5), val_loss if known else None,
                val_top1 if known else None, seconds,
            )
        )  # fmt: skip

    def is_stale(self, patience: int) -> bool:
        """Whether so many epochs of the whole network went by since its best; never for 0."""
        full = [each for each in self.curves if each.phase == "full"]
        scores = [(each.val_top1 or 0.0, -(each.val_loss or 0.0)) for each in full]
        if not scores or not patience:
            return False
        return len(scores) - 1 - scores.index(max(scores)) >= patience

    def state(self) -> dict[str, Any]:
        """What `restore` goes on from. A head on the trunk as it was is not kept: it is taught
        again in seconds."""
        best = self.best
        return {
            "curves": [asdict(each) for each in self.curves],
            "best": None if best is None or best.state is None else {
                "state": best.state, "logits": best.logits,
                "right": best.right, "loss": best.loss,
            },
        }  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        self.curves = [Epoch(**each) for each in state["curves"]]
        if found := state["best"]:
            weight, bias = (found["state"][f"head.{part}"] for part in ("weight", "bias"))
            device = self.truth.device
            self.best = Candidate(head=Head(weight.to(device), bias.to(device)), **found)
