"""What is taught: VGG's activations as the painter `classic` sees them, each layer of size 1."""

from collections.abc import Iterable, Sequence

import torch

from models.sections import Activations
from models.vgg import VGG


class Teacher:
    """VGG with averages for maxima, its activations divided by their root mean square.

    Without that the layer with the largest activations would be all that is learnt.
    """

    def __init__(self, network: VGG, taps: Sequence[str], pictures: Iterable[torch.Tensor]) -> None:
        """Sizes are measured over `pictures`, batches (N, 3, H, W) in 0..1."""
        self.network = network.pooled("average", rescaled=True)
        self.taps = tuple(taps)
        squares = dict.fromkeys(self.taps, 0.0)
        count = 0
        for batch in pictures:
            count += 1
            with torch.no_grad():
                for tap, seen in self.network(batch, self.taps).items():
                    squares[tap] += seen.square().mean().item()
        self.sizes = {tap: (squares[tap] / count) ** 0.5 for tap in self.taps}

    @torch.no_grad()
    def look(self, pictures: torch.Tensor) -> Activations:
        """By tap (N, C, h, w); over many pictures their mean square is 1."""
        found = self.network(pictures, self.taps)
        return {tap: found[tap] / self.sizes[tap] for tap in self.taps}
