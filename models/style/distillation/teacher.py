"""What is taught: VGG's activations as the painter `classic` sees them, each layer of size 1."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from models.backbones import BACKBONES
from models.sections import Activations
from models.vgg import VGG
from models.weights import read_weights


class NoTeacher(ValueError):
    """A weights file that is no VGG's. Told on the command line alone."""


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


def named_vgg(path: Path, device: torch.device) -> tuple[str, VGG]:
    """vgg16 or vgg19, whichever a weights file is, in full precision.

    Raises `NoTeacher` or `WeightsDamaged`."""
    state = read_weights(path)
    for name in ("vgg19", "vgg16"):  # every name in the smaller one is in the larger, too
        network = BACKBONES[name].build()
        assert isinstance(network, VGG)
        try:
            network.read(state)
        except (KeyError, RuntimeError):
            continue
        network.eval().requires_grad_(False)
        return name, network.to(device).to(memory_format=torch.channels_last)
    raise NoTeacher(f"{path.name} is no VGG-16 or VGG-19.")
