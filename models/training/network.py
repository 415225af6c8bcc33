"""A trunk with its last layer, as it is taught, kept and packed."""

from collections.abc import Iterator

import torch
from torch import nn

from models.species.trunks import AnyTrunk
from models.training.head import Head

STAGES = 6
"""Into so many a trunk is divided, each of which learns more slowly than the one after it."""


class Network(nn.Module):
    """Pictures in, scores out."""

    def __init__(self, trunk: AnyTrunk, classes: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.head = nn.Linear(trunk.channels, classes)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def wear(self, head: Head) -> None:
        """Take a last layer that was taught apart."""
        self.head.load_state_dict({"weight": head.weight, "bias": head.bias})

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Scores (N, classes) of pictures (N, 3, H, W) in 0..1."""
        cells = self.trunk(pictures.contiguous(memory_format=torch.channels_last))
        scores: torch.Tensor = self.head(cells.mean((2, 3)))
        return scores

    def stages(self) -> Iterator[list[nn.Parameter]]:
        """The trunk's parameters from the shallowest stage to the deepest, then the last layer's.

        Layers follow one another in a network's definition as they do in its work.
        """
        layers = [
            list(layer.parameters(recurse=False))
            for layer in self.trunk.modules()
            if next(layer.parameters(recurse=False), None) is not None
        ]
        for stage in range(STAGES):
            first, end = (len(layers) * each // STAGES for each in (stage, stage + 1))
            yield [parameter for layer in layers[first:end] for parameter in layer]
        yield list(self.head.parameters())
