"""Teaching how familiar a photograph is: each class against all that is not of it."""

from collections.abc import Sequence

import torch
from torch.nn import functional as F

from models.species.familiarity import Familiarity, flattened

DECAY = 1e-3
ITERATIONS = 150


def teach_familiarity(
    features: torch.Tensor, channels: int, truth: torch.Tensor, living: Sequence[bool]
) -> Familiarity:
    """From features (N, views, C + C2), of which `channels` are the deepest, and class numbers
    (N,). There is a place for each class that is `living`; photographs of others are strange to it.

    Logistic regressions, all at once, by L-BFGS (Liu and Nocedal 1989).
    """
    seen = flattened(features.flatten(0, 1), channels)
    middle = seen.mean(0)
    spread = (seen - middle).square().mean().sqrt() + 1e-6
    scaled = (seen - middle) / spread
    of_class = F.one_hot(truth, len(living))[:, torch.tensor(living)].float()
    target = of_class.repeat_interleave(features.shape[1], 0)
    weight = torch.zeros(target.shape[1], seen.shape[1], device=seen.device, requires_grad=True)
    bias = torch.zeros(target.shape[1], device=seen.device, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weight, bias], max_iter=ITERATIONS, history_size=10, line_search_fn="strong_wolfe"
    )

    def cost() -> torch.Tensor:
        optimiser.zero_grad()
        scores = F.linear(scaled, weight, bias)
        mean = F.binary_cross_entropy_with_logits(scores, target, reduction="sum") / len(target)
        loss = mean + DECAY * weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(cost)  # type: ignore[no-untyped-call]
    unscaled = (weight / spread).detach()
    return Familiarity(unscaled, (bias - unscaled @ middle).detach())
