"""Where a painting stands: what it takes to go on with it, and what that belongs to."""

import hashlib
import json
from dataclasses import dataclass
from typing import Self

import torch

from models.backbones import Backbone
from models.checkpoints import State
from models.style.commission import Commission
from models.style.recipe import Recipe
from models.style.search import on_device


@dataclass(frozen=True)
class Standing:
    """Between two evaluations. The defaults are where every painting begins."""

    scale: int = 1
    """The number of the scale that is painted."""
    spent: int = 0
    """Evaluations so far, at all scales."""
    painted: torch.Tensor | None = None
    """Of the scale before, where the search at this one has not begun; None at the first."""
    search: State | None = None
    """Of the search at this scale, where it has begun: see `Search.state`."""

    def state(self) -> State:
        return {
            "scale": self.scale, "spent": self.spent,
            "painted": self.painted, "search": self.search,
        }  # fmt: skip

    @classmethod
    def of(cls, state: State | None, device: torch.device) -> Self:
        """What `state` gave, its tensors on `device`; without one, the beginning."""
        return cls(**on_device(state, device)) if state else cls()


def key_of(network: Backbone, recipe: Recipe, device: torch.device, commission: Commission) -> str:
    """Names a painting: those of one key may go on from one another's standings.

    By what decides what is painted: of the pictures it takes the sizes alone, since whoever keeps
    a standing keeps it beside them; the program itself is the business of `Keeper`.
    """
    pictures = [commission.photograph, *commission.styles, *commission.masks]
    told = json.dumps([
        device.type, commission.options.as_dict(), repr(recipe),
        [picture.size for picture in pictures],
    ])  # fmt: skip
    digest = hashlib.sha256(told.encode())
    for name, value in sorted(network.state_dict().items()):
        # As bytes: numpy does not know the numbers that a GPU computes in.
        raw = value.detach().cpu().flatten().view(torch.uint8)
        digest.update(name.encode() + raw.numpy().tobytes())
    return digest.hexdigest()
