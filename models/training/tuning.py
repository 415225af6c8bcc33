"""Everything learns: the whole network, on photographs that look different each time.

AdamW with a rate that rises shortly and falls as a cosine, less for the stages nearer to the
picture (as ULMFiT did, arXiv:1801.06146, and ELECTRA by layer, arXiv:2003.10555); photographs are
mixed with one another (mixup, Zhang et al., arXiv:1710.09412, eq. 1); the weights that are kept
follow those that learn (Polyak averaging).
"""

import copy
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from math import cos, pi
from typing import Any

import numpy as np
import torch
from torch import nn

from models.devices import precision_on
from models.species.card import Preprocessing
from models.species.trunks import AnyTrunk, looks_at
from models.tensors import to_tensor
from models.training import ranks
from models.training.examples import Example
from models.training.network import Network
from models.training.objective import Objective
from models.training.options import TrainOptions
from models.training.views import part_of, seed_of

EPOCHS = 6
RATE = 3e-4
"""Of the last layer and the stage below it: docs/decisions/0008-training.md."""
FRESH = 10.0
"""How much faster a last layer learns that has learnt nothing yet."""
SMALLER, CELL = 0.8, 16
"""Side of what is learnt from over the side of what is looked at afterwards: things appear larger
in a part than in the whole, and this makes up for it (Touvron et al., arXiv:1906.06423). A network
of 224 px learns from 0.62 of the pixels."""
WARM_UP = 0.1
"""Share of all steps in which the rate rises."""
MICRO = 8
"""Photographs that a CPU looks at together: a batch is made of several such looks, whose gradients
are added up. It bounds the memory, and what may be lost before a cancelled job is left."""


def side_for(how: Preprocessing, trunk: AnyTrunk) -> int:
    """Side in pixels of the parts that everything learns from: whole cells of 16 pixels.

    A network that knows one size alone learns from that."""
    smaller = max(CELL, round(SMALLER * how.pixels / CELL) * CELL)
    return smaller if looks_at(trunk, smaller) else how.pixels


def epochs_of(options: TrainOptions) -> int:
    return options.epochs or EPOCHS


@dataclass(frozen=True)
class Step:
    """One step of the optimiser. `epoch` counts from 1; `loss` is the mean of its photographs."""

    step: int
    steps: int
    epoch: int
    epochs: int
    ends_epoch: bool
    loss: float


class Tuning:
    """A network that is being taught, and all that is needed to go on with it later."""

    def __init__(
        self, network: Network, examples: Sequence[Example], how: Preprocessing,
        options: TrainOptions, device: torch.device, labels: Sequence[str], fresh: bool,
    ) -> None:  # fmt: skip
        """`examples` are those to learn from; `fresh`: the last layer has learnt nothing yet."""
        self.network, self.examples = network, examples
        self.side = side_for(how, network.trunk)
        self.options, self.device, self.fresh = options, device, fresh
        self.epochs = epochs_of(options)
        self.batches = max(1, len(examples) // options.batch)
        self.steps = self.epochs * self.batches
        self.step = 0
        self.truth = torch.tensor([labels.index(example.label) for example in examples])
        self.objective = Objective.of(self.truth.to(device), len(labels), options)
        self.kept: Network = copy.deepcopy(network).requires_grad_(False)
        """The average of the weights: what is measured and packed."""
        self.optimiser = torch.optim.AdamW(list(self._groups()), weight_decay=options.weight_decay)

    def _groups(self) -> Iterator[dict[str, Any]]:
        """Each stage with its rate; what has one dimension, as a bias, is not drawn to zero."""
        rate = self.options.lr or RATE
        stages = list(self.network.stages())
        for above, stage in enumerate(reversed(stages)):
            lr = rate * self.options.layer_decay ** max(0, above - 1)
            if above == 0 and self.fresh:
                lr *= FRESH
            for matrices in (True, False):
                chosen = [each for each in stage if (each.dim() > 1) == matrices]
                about = {"params": chosen, "lr": lr, "rate": lr}
                yield about if matrices else about | {"weight_decay": 0.0}

    def state(self) -> dict[str, Any]:
        """Tensors and numbers from which `restore` goes on."""
        return {
            "step": self.step, "network": self.network.state_dict(),
            "kept": self.kept.state_dict(), "optimiser": self.optimiser.state_dict(),
        }  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        self.step = state["step"]
        self.network.load_state_dict(state["network"])
        self.kept.load_state_dict(state["kept"])
        self.optimiser.load_state_dict(state["optimiser"])

    def __iter__(self) -> Iterator[Step]:
        """The steps that are left. Leaving early is allowed after each."""
        learner = ranks.joined(self.network)
        with ThreadPoolExecutor(1) as reader:
            batches = [self._batch(step) for step in range(self.step, self.steps)]
            reading = reader.submit(self._read, batches[0]) if batches else None
            for batch, following in zip(batches, [*batches[1:], None], strict=False):
                assert reading is not None
                pictures = reading.result()
                reading = reader.submit(self._read, following) if following else None
                loss = self._learn(learner, batch, pictures)
                self.step += 1
                epoch = -(-self.step // self.batches)
                ends = self.step % self.batches == 0
                yield Step(self.step, self.steps, epoch, self.epochs, ends, loss)

    def _batch(self, step: int) -> "Batch":
        """What a step looks at: the same whichever process asks, and however often."""
        epoch, place = divmod(step, self.batches)
        order = np.random.default_rng([self.options.seed, epoch]).permutation(len(self.examples))
        chosen = np.array_split(order, self.batches)[place].tolist()
        random = np.random.default_rng([self.options.seed, epoch, place])
        strength = self.options.mixup
        mixed = float(random.beta(strength, strength)) if strength else 1.0
        partners = [chosen[each] for each in random.permutation(len(chosen))]
        return Batch(epoch, chosen, partners, mixed)

    def _read(self, batch: "Batch") -> tuple[torch.Tensor, torch.Tensor | None]:
        """This process's share of a batch, and what it is mixed with, (n, 3, H, W)."""
        seen = torch.cat([self._seen(each, batch.epoch) for each in ranks.share(batch.chosen)])
        if batch.mixed == 1.0:
            return seen, None
        others = ranks.share(batch.partners)
        return seen, torch.cat([self._seen(each, batch.epoch) for each in others])

    def _seen(self, index: int, epoch: int) -> torch.Tensor:
        example = self.examples[index]
        seeds = [self.options.seed, epoch, seed_of(example.sha256)]
        return to_tensor(part_of(example.opened(), self.side, np.random.default_rng(seeds)))

    def _learn(
        self, learner: nn.Module, batch: "Batch", pictures: tuple[torch.Tensor, torch.Tensor | None]
    ) -> float:
        self._set_rate()
        seen, others = pictures
        shares = self._shares(batch)
        if others is not None:
            seen = batch.mixed * seen + (1.0 - batch.mixed) * others
        micro = MICRO if self.device.type == "cpu" else len(seen)
        total = 0.0
        self.optimiser.zero_grad(set_to_none=True)
        for first in range(0, len(seen), micro):
            part = slice(first, first + micro)
            last = first + micro >= len(seen)
            with ranks.quiet(learner, unless=last), self._precision():
                losses = self.objective(learner(seen[part].to(self.device)), shares[part])
                # Gradients are averaged over processes, whose shares may differ by one.
                loss = losses.sum() * ranks.count() / len(batch.chosen)
                loss.backward()  # type: ignore[no-untyped-call]
            total += float(loss.detach())
        self.optimiser.step()
        self._follow()
        return sum(ranks.merged([total])) / ranks.count()

    def _shares(self, batch: "Batch") -> torch.Tensor:
        truths = (self.truth[list(ranks.share(each))] for each in (batch.chosen, batch.partners))
        mine, theirs = (self.objective.softened(each.to(self.device)) for each in truths)
        return batch.mixed * mine + (1.0 - batch.mixed) * theirs

    def _set_rate(self) -> None:
        warm = max(1, round(WARM_UP * self.steps))
        rising = min(1.0, (self.step + 1) / warm)
        falling = 0.5 * (1.0 + cos(pi * self.step / self.steps))
        for group in self.optimiser.param_groups:
            group["lr"] = group["rate"] * rising * falling

    @torch.no_grad()
    def _follow(self) -> None:
        """The kept weights move towards those that learn; faster at first."""
        slow = min(self.options.ema, (1.0 + self.step) / (10.0 + self.step))
        for kept, new in zip(self.kept.parameters(), self.network.parameters(), strict=True):
            kept.lerp_(new, 1.0 - slow)

    def _precision(self) -> Any:
        kind = precision_on(self.device)
        return torch.autocast(self.device.type, kind) if kind != torch.float32 else nullcontext()


@dataclass(frozen=True)
class Batch:
    """Indices of the photographs of a step, what each is mixed with, and the share of the first."""

    epoch: int
    chosen: list[int]
    partners: list[int]
    mixed: float
