"""A narrow network with, at each tap, a linear embedding into its teacher's space."""

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional as F

from models.narrow_shape import Shape
from models.narrow_vgg import NarrowVGG
from models.sections import Activations
from models.vgg import WIDTHS
from models.weights import State


class Embedding(nn.Module):
    """E f + b: what the teacher would see, told from the student's activations f."""

    def __init__(self, channels: int, teachers: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(teachers, channels))
        self.bias = nn.Parameter(torch.zeros(teachers))

    def forward(self, activations: torch.Tensor) -> torch.Tensor:
        """(N, channels, h, w) to (N, teachers, h, w)."""
        return F.conv2d(activations, self.weight[..., None, None], self.bias)

    def gram(self, gram: torch.Tensor) -> torch.Tensor:
        """The Gram of what is embedded, about its mean, from that of activations about theirs.

        (N, channels, channels) to (N, teachers, teachers). To embed the small Gram costs next to
        nothing; to embed activations and multiply them costs more than the student itself.
        """
        embedded: torch.Tensor = self.weight @ gram @ self.weight.T
        return embedded

    def root(self) -> torch.Tensor:
        """The symmetric R (channels, channels) with R'R = E'E: see `NarrowVGG`."""
        weight = self.weight.detach().double()
        values, vectors = torch.linalg.eigh(weight.T @ weight)
        root = (vectors * values.clamp(min=0.0).sqrt()) @ vectors.T
        found: torch.Tensor = root.to(self.weight.dtype)
        return found


class Student(nn.Module):
    """What is taught: a network whose taps show its activations, and their embeddings."""

    def __init__(self, shape: Shape, teachers: tuple[int, ...] = WIDTHS) -> None:
        """`teachers`: how wide the teacher's blocks are."""
        super().__init__()
        self.network = NarrowVGG(shape, plain=True)
        self.embeddings = nn.ModuleDict(
            {
                tap: Embedding(
                    self.network.convolution(tap).out_channels, teachers[int(tap[4]) - 1]
                )
                for tap in self.network.taps
            }
        )

    @property
    def taps(self) -> tuple[str, ...]:
        return self.network.taps

    def forward(self, pictures: torch.Tensor) -> Activations:
        """Its activations at every tap of pictures (N, 3, H, W) in 0..1."""
        found: Activations = self.network(pictures, self.taps)
        return found

    def embedding(self, tap: str) -> Embedding:
        found = self.embeddings[tap]
        assert isinstance(found, Embedding)
        return found

    def packaged(self) -> State:
        """The weights of a `NarrowVGG` that paints: embeddings have become roots."""
        roots: Mapping[str, torch.Tensor] = {
            f"roots.{tap}": self.embedding(tap).root() for tap in self.taps
        }
        layers = {name: each.detach() for name, each in self.network.state_dict().items()}
        return {name: each.float().cpu() for name, each in {**layers, **roots}.items()}
