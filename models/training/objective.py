"""What is minimised: cross entropy with softened truth, fair to rare classes if that is asked."""

from dataclasses import dataclass
from typing import Self

import torch
from torch.nn import functional as F

from models.training.options import TrainOptions

RARE = 0.999
"""How much a further photograph of a class adds less than the one before, as a share."""


@dataclass(frozen=True)
class Objective:
    """Cross entropy of logits (N, classes) and shares of truth (N, classes)."""

    smoothing: float
    """Share of the truth that all classes have equally (Szegedy et al., arXiv:1512.00567)."""
    weights: torch.Tensor
    """(classes,), 1 in the mean over photographs: by the effective number of photographs (Cui et
    al., arXiv:1901.05555, eq. 2)."""
    shift: torch.Tensor
    """(classes,), added to logits while they are taught: the log of how common each class is
    (Menon et al., arXiv:2007.07314, eq. 10)."""

    @classmethod
    def of(cls, truth: torch.Tensor, classes: int, options: TrainOptions) -> Self:
        """For classes as common as in `truth` (N,)."""
        counts = torch.bincount(truth, minlength=classes).float().clamp(min=1.0)
        weights, shift = torch.ones_like(counts), torch.zeros_like(counts)
        if options.balance == "weights":
            effective = (1.0 - RARE**counts) / (1.0 - RARE)
            weights = counts.sum() / (counts / effective).sum() / effective
        if options.balance == "logits":
            shift = (counts / counts.sum()).log()
        return cls(options.label_smoothing, weights.to(truth.device), shift.to(truth.device))

    def softened(self, truth: torch.Tensor) -> torch.Tensor:
        """Shares of truth (N, classes) for class numbers (N,)."""
        classes = len(self.weights)
        sharp = F.one_hot(truth, classes).float()
        return sharp * (1.0 - self.smoothing) + self.smoothing / classes

    def __call__(self, logits: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
        """The loss of each photograph, (N,)."""
        logs = F.log_softmax(logits.float() + self.shift, dim=1)
        return -(self.weights * shares * logs).sum(1)
