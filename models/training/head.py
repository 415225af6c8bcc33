"""The last layer, taught alone on features that a network gave: it takes seconds."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from models.training.objective import Objective
from models.training.options import TrainOptions

EPOCHS = 60
BATCH = 64
RATE = 1e-3
DECAY = 0.05
"""Of AdamW, for features scaled as below. Chosen by `benchmarks.training`."""


@dataclass(frozen=True)
class Head:
    """A linear layer: scores of features (N, C)."""

    weight: torch.Tensor
    """(classes, C)"""
    bias: torch.Tensor
    """(classes,)"""

    def logits(self, features: torch.Tensor) -> torch.Tensor:
        return F.linear(features, self.weight, self.bias)


@dataclass(frozen=True)
class Epoch:
    """Once through all photographs. `loss` is what was minimised, per photograph."""

    epoch: int
    epochs: int
    loss: float
    head: Head


def teach_head(
    features: torch.Tensor, truth: torch.Tensor, classes: int, options: TrainOptions
) -> Iterator[Epoch]:
    """Teach with features (N, views, C) and class numbers (N,); each epoch sees one view of each.

    AdamW with a rate that falls as a cosine. The features are centred and scaled all alike: each by
    its own deviation lets those speak loudest that say least.
    """
    random = torch.Generator().manual_seed(options.seed)
    middle = features.mean((0, 1))
    spread = (features - middle).square().mean().sqrt() + 1e-6
    scaled = (features - middle) / spread
    objective = Objective.of(truth, classes, options)
    shares = objective.softened(truth)
    weight = torch.zeros(classes, features.shape[2], device=features.device, requires_grad=True)
    bias = torch.zeros(classes, device=features.device, requires_grad=True)
    groups = [{"params": [weight], "weight_decay": DECAY}, {"params": [bias], "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=RATE)
    batches = -(-len(truth) // BATCH)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS * batches)
    for epoch in range(1, EPOCHS + 1):
        order = torch.randperm(len(truth), generator=random).to(features.device)
        views = torch.randint(features.shape[1], (len(truth),), generator=random)
        seen = scaled[order, views.to(features.device)]
        total = 0.0
        for first in range(0, len(truth), BATCH):
            part = slice(first, first + BATCH)
            losses = objective(F.linear(seen[part], weight, bias), shares[order[part]])
            optimiser.zero_grad()
            losses.mean().backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            falling.step()
            total += float(losses.detach().sum())
        unscaled = (weight / spread).detach()  # for features as they were
        head = Head(unscaled, (bias - unscaled @ middle).detach())
        yield Epoch(epoch, EPOCHS, total / len(truth), head)
