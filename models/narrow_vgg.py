"""A narrow network that was taught to see as VGG sees: `models.style.distillation` teaches it."""

import torch
from torch import nn

from models.narrow_shape import Shape
from models.vgg import VGG
from models.weights import State


class NarrowVGG(VGG):
    """VGG's shape to relu4_2 with fewer channels. Taps have VGG's names.

    Its activations f are measured through a square matrix R at each tap. The teacher's activations
    are about E f, with a matrix E of more rows than columns. With a root of E'E for R, distances
    between activations, and between Grams, are those of the teacher's space, in fewer dimensions:
    |E f|^2 = |R f|^2, and the Gram of E f is E G E', whose squares sum up to those of R G R'.
    Whitening (models/style/distillation/whitening.py) goes on from there.
    """

    def __init__(self, shape: Shape, plain: bool = False) -> None:
        """`plain`: without roots, as it is while it is taught."""
        super().__init__(shape.depths, shape.widths)
        self.shape = shape
        self.roots = nn.ParameterDict()
        if not plain:
            for tap in self.layers:
                self.roots[tap] = nn.Parameter(torch.eye(self.convolution(tap).out_channels))

    def root(self, tap: str) -> torch.Tensor | None:
        found: torch.Tensor | None = self.roots.get(tap)
        return found

    def read(self, state: State) -> None:
        """Take weights as `state_dict` gives them.

        Raises `RuntimeError` when they are another network's.
        """
        self.load_state_dict(state)

    def pooled(self, pooling: str, rescaled: bool) -> "NarrowVGG":
        """Itself: it was taught with averages, and what follows them expects their size."""
        return self
